#pragma once
// The event log of a queue: what happened to its messages, in order, numbered from 1. Events are stored in chunks, one
// a commit and queue, and tell of ranges of messages. Plain values.

#include "server/core/ids.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace baton::core {

/// What happened. Stored on disk and sent on the wire: do not change these values.
enum class EventType : std::uint8_t {
    added = 1,
    waiting = 2,
    delayed = 3,
    active = 4,
    completed = 5,
    attempt_failed = 6,
    failed = 7,
    dead_lettered = 8,
    /// Its lease was lost.
    stalled = 9,
    removed = 10,
    expired = 11,
    /// Left for a full queue, or for a newer run of its schedule.
    dropped = 12,
    cancelled = 13,
    progress = 14,
    // Of the queue, without messages.
    drained = 15,
    paused = 16,
    resumed = 17,
    purged = 18,
    // Told by whoever asks.
    custom = 19,
    /// Another message with its id, or its deduplication key, was asked for; the detail has that name.
    duplicated = 20,
    deduplicated = 21,
    // Of flows.
    waiting_children = 22,
};
inline constexpr std::uint8_t event_type_last = 22;
constexpr std::uint32_t event_bit(EventType type) { return 1U << static_cast<std::uint8_t>(type); }

/// What is more to tell than which messages.
struct EventDetail {
    /// active: to which worker. attempt_failed, failed, stalled: why. dead_lettered: to which queue. custom: its name.
    /// duplicated, deduplicated: the id or key.
    std::string text;
    /// progress: the value. custom: the data.
    std::string data;
    bool operator==(const EventDetail&) const = default;
};
using EventDetailPtr = std::shared_ptr<const EventDetail>;

struct Event {
    EventType type{};
    Offset first = 0;
    /// 0 = of the queue.
    std::uint32_t count = 0;
    EventDetailPtr detail;
};

/// Adjacent events of one commit.
struct EventChunk {
    /// The number of its first event; the others follow.
    std::uint64_t first_seq = 0;
    TimeMs at = 0;
    std::vector<Event> events;
    /// What it counts for.
    std::uint64_t bytes = 0;

    std::uint64_t end_seq() const { return first_seq + events.size(); }
};
using EventChunkPtr = std::shared_ptr<const EventChunk>;

/// Where the log of a queue stands; on disk with the state of its queue.
struct EventCounts {
    /// The oldest event that is kept, and the first one of the oldest chunk.
    std::uint64_t head = 1, first_chunk = 1;
    /// The number of the next event.
    std::uint64_t next = 1;
    /// Of all chunks.
    std::uint64_t bytes = 0;
    /// Of the oldest chunk.
    TimeMs oldest_at = 0;
    bool operator==(const EventCounts&) const = default;
};

// ---- on disk

struct PutEvents {
    NamespaceId ns{};
    QueueId id{};
    EventChunkPtr chunk;
};
/// Removes the chunks that begin in [from, to).
struct TrimEventChunks {
    NamespaceId ns{};
    QueueId id{};
    std::uint64_t from = 0, to = 0;
};
/// Chunks in order, beginning with the one that has `from` or else the first one after it.
struct ReadEvents {
    NamespaceId ns{};
    QueueId id{};
    std::uint64_t from = 0;
    std::uint32_t max_chunks = 0;
    std::uint64_t max_bytes = 0;
};
struct EventsRead {
    std::vector<EventChunkPtr> chunks;
};

}  // namespace baton::core
