#pragma once
// The events of a queue: what happened to its jobs, in order, from any number that is still kept.
//
//     baton::Events events(client, "emails", {.from_seq = 0});
//     while (const auto event = events.next(10s)) {
//         std::cout << event->seq << ' ' << to_text(event->type) << '\n';
//     }
//
// Goes on where it was after a lost connection. Events that were trimmed meanwhile are told as one event `missed`.
// next() may be called by one thread at a time; all else by any.

#include "baton/connection.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

namespace detail {
class EventsCore;
}

// The numbers are those of the protocol.
enum class EventType : std::uint8_t {
    unknown = 0,
    added = 1,
    waiting = 2,
    delayed = 3,
    active = 4,
    completed = 5,
    attempt_failed = 6,
    failed = 7,
    dead_lettered = 8,
    stalled = 9,
    removed = 10,
    expired = 11,
    dropped = 12,
    cancelled = 13,
    progress = 14,
    drained = 15,
    paused = 16,
    resumed = 17,
    purged = 18,
    custom = 19,
    duplicated = 20,
    deduplicated = 21,
    waiting_children = 22,
    /// Never stored: `count` events from `seq` on were wanted and are no longer kept.
    missed = 255,
};
/// "added", "attempt_failed", ...
const char* to_text(EventType type);
/// Nothing when no type has this name.
std::optional<EventType> event_type_named(const std::string& name);

struct Event {
    std::uint64_t seq = 0;
    std::int64_t at_ms = 0;
    EventType type = EventType::unknown;
    /// Jobs first_offset, first_offset + 1, ...; count 0: the queue itself.
    std::uint64_t first_offset = 0;
    std::uint64_t count = 0;
    /// Who got it (active), why (attempt_failed, failed, stalled), where to (dead_lettered), or the name (custom).
    std::string text;
    /// The value (progress), or what a client gave (custom).
    std::string data;
};

struct EventOptions {
    /// 0 = the oldest that is kept; absent = what happens from now on.
    std::optional<std::uint64_t> from_seq;
    /// Empty = all.
    std::vector<EventType> types;
    /// Only those of this job, and of the queue as a whole.
    std::optional<std::uint64_t> offset;
    /// Events held here before they are taken, at most 65,536.
    std::uint32_t window = 1'000;
};

class Events {
public:
    /// Begins to follow. Throws queue_not_found, events_not_kept, ...
    Events(const Client& client, const std::string& queue, EventOptions options = {});
    ~Events();
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;

    /// The next event, or nothing after `timeout`, or when caught_up() and `timeout` is 0. Throws why it is over:
    /// queue_deleted, closed.
    std::optional<Event> next(std::chrono::milliseconds timeout);
    /// Everything that had happened when the server last looked was handed out.
    bool caught_up() const;
    /// Where to go on another time: pass it as from_seq.
    std::uint64_t next_seq() const;

private:
    std::shared_ptr<detail::EventsCore> core_;
};

}  // namespace baton
