#pragma once
// What a user can set on a queue, with its defaults (semantics, section 3) and its validation.

#include "server/core/backoff.hpp"
#include "server/core/group_settings.hpp"
#include "server/core/limits.hpp"
#include "server/core/rate_limit.hpp"
#include "server/core/refusal.hpp"
#include "server/core/retry_rules.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton::core {

// Stored on disk and sent on the wire: do not change these values.
enum class Profile : std::uint8_t { message = 1, job = 2 };
enum class Durability : std::uint8_t { sync = 1, os = 2 };
/// Who of the consumers gets messages.
enum class ConsumerMode : std::uint8_t {
    /// All, in turns.
    shared = 1,
    /// There is one; another is refused.
    exclusive = 2,
    /// One at a time: the one of the highest priority, of these the one that was there first.
    failover = 3,
    /// Of a subscription: all, and each key is with one of them while something of it is in flight.
    key_shared = 4,
};
enum class Overflow : std::uint8_t { reject = 1, drop_oldest = 2, dead_letter_oldest = 3, block = 4 };

/// How much of a set of finished messages is kept: beyond any of these the oldest go. 0 = no limit.
struct Retention {
    std::uint64_t messages = 0;
    std::int64_t age_ms = 0;
    std::uint64_t bytes = 0;
    bool operator==(const Retention&) const = default;
};
struct RetentionChange {
    std::optional<std::uint64_t> messages;
    std::optional<std::int64_t> age_ms;
    std::optional<std::uint64_t> bytes;
};

struct QueueSettings {
    std::int64_t lease_ms = 30'000;
    std::uint32_t max_attempts = 20;
    Backoff backoff;
    std::uint32_t max_lease_losses = 3;
    std::uint32_t max_deliveries = 0;
    /// Name in the same namespace; empty = failed set.
    std::string dead_letter_queue;
    std::uint64_t max_message_bytes = limits::message_bytes_default;
    std::uint64_t max_messages = 0;
    std::uint64_t max_bytes = 0;
    Overflow overflow = Overflow::reject;
    std::int64_t message_ttl_ms = 0;
    Durability durability = Durability::sync;
    bool paused = false;
    ConsumerMode consumer_mode = ConsumerMode::shared;
    /// Deliveries of all consumers together.
    RateLimit rate_limit;
    /// Leased messages of all consumers together; 0 = no limit.
    std::uint32_t max_in_flight = 0;
    /// Nothing is delivered before; 0 or a time that has passed: no matter.
    TimeMs paused_until = 0;
    /// With overflow `block`: how long a produce waits for room.
    DurationMs block_timeout_ms = 10'000;
    /// Waiting this long is worth one step of priority; 0 = priorities do not age.
    std::int64_t aging_ms = 0;
    /// In order; empty: the worker's word and the backoff alone count.
    std::vector<RetryRule> retry_rules;
    /// How long one attempt may run from its delivery, whatever is extended; 0 = no limit.
    std::int64_t run_limit_ms = 0;
    GroupSettings groups;
    /// Completed messages stay readable with their results.
    bool keep_completed = false;
    /// Bodies up to this size stay with them.
    std::uint32_t completed_payload_bytes = 4'096;
    Retention completed_retention{1'000, 24LL * 3'600'000, 64ULL << 20};
    Retention failed_retention{10'000, 14LL * 24 * 3'600'000, 256ULL << 20};
    /// What happens to messages is noted in an event log.
    bool keep_events = false;
    Retention event_retention{10'000, 24LL * 3'600'000, 16ULL << 20};
    /// An id is refused this long after its message is gone, and while fewer than so many went since; 0 = by the other
    /// one alone, and both 0: not at all.
    DurationMs id_memory_ms = 0;
    std::uint64_t id_memory_count = 0;

    bool operator==(const QueueSettings&) const = default;
};

/// What a create or update asks for; absent = leave as it is (create: the profile's default).
struct QueueSettingsChange {
    std::optional<std::int64_t> lease_ms;
    std::optional<std::uint32_t> max_attempts;
    std::optional<Backoff> backoff;
    std::optional<std::uint32_t> max_lease_losses;
    std::optional<std::uint32_t> max_deliveries;
    std::optional<std::string> dead_letter_queue;
    std::optional<std::uint64_t> max_message_bytes;
    std::optional<std::uint64_t> max_messages;
    std::optional<std::uint64_t> max_bytes;
    std::optional<Overflow> overflow;
    std::optional<std::int64_t> message_ttl_ms;
    std::optional<Durability> durability;
    std::optional<bool> paused;
    std::optional<ConsumerMode> consumer_mode;
    std::optional<RateLimit> rate_limit;
    std::optional<std::uint32_t> max_in_flight;
    std::optional<TimeMs> paused_until;
    std::optional<DurationMs> block_timeout_ms;
    /// Sets paused_until to this long from when the change is made.
    std::optional<DurationMs> pause_for_ms;
    std::optional<std::int64_t> aging_ms;
    std::optional<std::vector<RetryRule>> retry_rules;
    std::optional<std::int64_t> run_limit_ms;
    std::optional<RateLimit> group_rate;
    std::optional<std::uint32_t> group_max_in_flight;
    std::optional<GroupOrder> group_order;
    std::optional<std::uint64_t> group_max_messages;
    std::optional<GroupOverflow> group_overflow;
    std::optional<bool> keep_completed;
    std::optional<std::uint32_t> completed_payload_bytes;
    RetentionChange completed_retention;
    RetentionChange failed_retention;
    std::optional<bool> keep_events;
    RetentionChange event_retention;
    std::optional<DurationMs> id_memory_ms;
    std::optional<std::uint64_t> id_memory_count;
};

/// The profile's defaults.
QueueSettings default_settings(Profile profile);
/// `base` with the present fields of `change`, made at `now`.
QueueSettings changed(QueueSettings base, const QueueSettingsChange& change, TimeMs now);
/// Nothing, or a limit with each part in its bounds; `field` begins the name of the one at fault.
std::optional<Refusal> check_rate(const RateLimit& rate, const std::string& field);
/// The first setting that breaks its limit, if any. The dead-letter target is checked where queues are known.
std::optional<Refusal> check_settings(const QueueSettings& settings);
/// Names are 1 to 255 bytes of [A-Za-z0-9._-]; `field` is named in the refusal.
std::optional<Refusal> check_name(const std::string& name, const char* field);
/// What a request names: a queue, a topic, or as "topic/subscription" one of these.
std::optional<Refusal> check_target_name(const std::string& name, const char* field);

}  // namespace baton::core
