#pragma once
// Topics and their subscriptions. A topic is a log that nobody consumes directly: its messages stay until its retention
// takes them. A subscription is a cursor over that log with everything that a queue has; what it does not deliver in
// order takes its body along into the subscription's own lanes, as in a queue. Plain values.

#include "server/core/ids.hpp"
#include "server/core/queue_settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace baton::core {

/// Stored on disk and sent on the wire: do not change these values.
enum class QueueKind : std::uint8_t { queue = 0, topic = 1, subscription = 2 };

/// What a topic keeps.
struct TopicSettings {
    /// 0 = no such limit; with several the first that is reached counts.
    Retention retention{0, 7LL * 24 * 3'600'000, 0};
    /// What all subscriptions have acked is gone at once; without any, everything is.
    bool interest = false;
    /// The queue that gets what no subscription and no binding does; empty = none.
    std::string alternate;
    /// Its subscriptions keep events: when each message was delivered, to whom, and what came of it.
    bool delivery_log = false;
    /// Of messages of one key only the last stays, whatever else is kept. Those without a key are left alone.
    bool compact = false;
    /// With that: a last message with an empty payload deletes its key, and goes this long after it was stored.
    DurationMs tombstone_ms = 24LL * 3'600'000;
    bool operator==(const TopicSettings&) const = default;
};
struct TopicSettingsChange {
    RetentionChange retention;
    std::optional<bool> interest;
    std::optional<std::string> alternate;
    std::optional<bool> delivery_log;
    std::optional<bool> compact;
    std::optional<DurationMs> tombstone_ms;
};

/// Where a subscription begins, or goes to.
struct StartNow {};
struct StartBeginning {};
struct StartOffset {
    Offset offset = 0;
};
/// At the first message that was stored at or after this.
struct StartTime {
    TimeMs at = 0;
};
/// At the newest message that is there.
struct StartLast {};
/// At the last message of each key that a topic with `compact` has, then at what comes.
struct StartLastPerKey {};
using StartAt = std::variant<StartNow, StartBeginning, StartOffset, StartTime, StartLast, StartLastPerKey>;

/// The name of a subscription among the queues of its namespace; no queue can have such a one.
inline std::string subscription_name(const std::string& topic, const std::string& name) { return topic + "/" + name; }

}  // namespace baton::core
