#pragma once
// What is seen of a queue, a topic or a subscription: counts, totals, settings. Plain values.

#include "baton/filter.hpp"
#include "baton/queue.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

/// The numbers are those of the protocol.
enum class QueueKind : std::uint8_t { queue = 0, topic = 1, subscription = 2 };
const char* to_text(QueueKind kind);

/// What a topic keeps. In a create, absent fields take the defaults; in an update, they stay as they are.
struct TopicSettings {
    /// Of the limits that are set the first that is reached counts; the default is 7 days.
    std::optional<Retention> retention;
    /// What all subscriptions have acked is gone at once; without any, everything is.
    std::optional<bool> interest;
    /// The queue that gets what no subscription and no binding does; empty = none.
    std::optional<std::string> alternate_queue = {};
    /// Its subscriptions keep events: when each message was delivered, to whom, and what came of it
    /// (Topics::delivery_log). Not those of a pattern, which have keep_events of their own.
    std::optional<bool> delivery_log = {};
    /// Of messages of one key (`group`) only the last stays, whatever else is kept. Those without a key are left alone.
    std::optional<bool> compact = {};
    /// With that: a last message with an empty payload deletes its key, and goes this long after it was stored. The
    /// default is a day.
    std::optional<std::chrono::milliseconds> tombstone = {};
};

struct QueueInfo {
    std::string name;
    QueueKind kind = QueueKind::queue;
    std::uint64_t id = 0;
    Profile profile = Profile::unspecified;
    /// All fields are present.
    QueueSettings settings;
    std::int64_t created_ms = 0;
    std::uint64_t waiting = 0;
    /// Waiting with a priority, or put in front; not part of `waiting`.
    std::uint64_t prioritized = 0;
    /// Waiting in groups; not part of `waiting`.
    std::uint64_t grouped = 0;
    /// Groups that have waiting messages; at least so many when groups_more.
    std::uint64_t groups = 0;
    bool groups_more = false;
    std::uint64_t delayed = 0;
    std::uint64_t leased = 0;
    std::uint64_t failed = 0;
    /// Parents of flows.
    std::uint64_t waiting_children = 0;
    std::uint64_t completed = 0;
    std::uint64_t completed_bytes = 0;
    /// Of what is waiting, delayed or leased.
    std::uint64_t bytes = 0;
    /// Age of the oldest waiting message; 0 when none waits.
    std::uint64_t oldest_waiting_ms = 0;
    std::uint32_t consumers = 0;
    std::uint64_t produced_total = 0;
    std::uint64_t acked_total = 0;
    std::uint64_t expired_total = 0;
    std::uint64_t dropped_total = 0;
    std::uint64_t dead_lettered_total = 0;
    std::uint64_t redelivered_total = 0;
    std::uint64_t purged_total = 0;
    std::uint64_t cancelled_total = 0;
    /// Superseded by later messages of their keys: taken out of a topic, or gone before a subscription came to them.
    std::uint64_t compacted_total = 0;
    /// Finished messages that left their set by retention, and completed ones that were removed.
    std::uint64_t retired_total = 0;
    /// The oldest event that is kept, and the next one.
    std::uint64_t first_event_seq = 0;
    std::uint64_t next_event_seq = 0;
    /// Of a topic: what it keeps, all fields present; and how many subscriptions it has.
    TopicSettings topic_settings = {};
    std::uint32_t subscriptions = 0;
    /// Of a topic: how many messages it has.
    std::uint64_t messages = 0;
    /// Of a topic the oldest offset that it has, of a subscription the first that is not done; and the next one.
    std::uint64_t first_offset = 0;
    std::uint64_t end_offset = 0;
    /// Of a subscription: its topic, and whether that keeps what it has not acked.
    std::string topic = {};
    bool hold_unacked = false;
    /// Of a subscription with a pattern, which is then `topic`, or a filter.
    Filter filter = {};
    /// The past of some topic is still looked through for it, there may be more than is counted; or it has not come to
    /// all that compaction took out, there may be less.
    bool estimated = false;
    /// What holds it back now, and until when, in milliseconds since 1970; 0 = open.
    Hold hold = Hold::none;
    std::int64_t held_until_ms = 0;
};

struct QueuePage {
    std::vector<QueueInfo> queues;
    /// Pass as `after` for the next page; empty on the last.
    std::string next;
};

}  // namespace baton
