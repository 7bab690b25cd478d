#pragma once
// Queues as administration sees them: settings, counts, and stored messages. Plain values.

#include "baton/counted.hpp"
#include "baton/limits.hpp"
#include "baton/message.hpp"
#include "baton/result.hpp"
#include "baton/stored_message.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// The numbers are those of the protocol.
/// Who of the consumers gets messages: all in turns; one, and another is refused; one at a time, the connected one of
/// the highest priority, and of these the first; or, of a subscription, each key with one while it has some of it.
enum class ConsumerMode : std::uint8_t { unspecified = 0, shared = 1, exclusive = 2, failover = 3, key_shared = 4 };
enum class Durability : std::uint8_t { unspecified = 0, sync = 1, os = 2 };
enum class Overflow : std::uint8_t {
    unspecified = 0,
    reject = 1,
    drop_oldest = 2,
    /// Needs a dead_letter_queue.
    dead_letter_oldest = 3,
    /// A produce waits for room, in order, up to block_timeout.
    block = 4,
};
enum class Profile : std::uint8_t { unspecified = 0, message = 1, job = 2 };
const char* to_text(ConsumerMode mode);
const char* to_text(Durability durability);
const char* to_text(Overflow overflow);
const char* to_text(Profile profile);

/// In a create, absent fields take the profile's default; in an update, they stay as they are.
struct QueueSettings {
    std::optional<std::chrono::milliseconds> lease;
    /// Failures before a message goes to the failed set, 1 to 65,535.
    std::optional<std::uint32_t> max_attempts;
    std::optional<Backoff> backoff;
    /// 0 = no cap.
    std::optional<std::uint32_t> max_lease_losses;
    /// 0 = no cap.
    std::optional<std::uint32_t> max_deliveries;
    /// Empty = the failed set.
    std::optional<std::string> dead_letter_queue;
    std::optional<std::uint32_t> max_message_bytes;
    /// 0 = no limit.
    std::optional<std::uint64_t> max_messages;
    std::optional<std::uint64_t> max_bytes;
    std::optional<Overflow> overflow;
    std::optional<std::chrono::milliseconds> message_ttl;  // 0 = none
    std::optional<Durability> durability;
    std::optional<bool> paused;
    std::optional<ConsumerMode> consumer_mode = {};
    /// Of all consumers together.
    std::optional<RateLimit> rate_limit;
    /// Leased messages of all consumers together; 0 = no limit.
    std::optional<std::uint32_t> max_in_flight;
    /// Milliseconds since 1970 in the server's time; 0 = no pause.
    std::optional<std::int64_t> paused_until_ms;
    /// With Overflow::block: how long a produce waits for room.
    std::optional<std::chrono::milliseconds> block_timeout;
    /// Sets paused_until_ms to this long from now. Never in an answer.
    std::optional<std::chrono::milliseconds> pause_for;
    /// Waiting this long is worth one step of priority; 0 = priorities do not age.
    std::optional<std::chrono::milliseconds> aging;
    /// In order; at most 64. Empty: none.
    std::optional<std::vector<RetryRule>> retry_rules;
    /// How long one attempt may run from its delivery, whatever is extended; 0 = no limit.
    std::optional<std::chrono::milliseconds> run_limit;
    /// Rules for each group; Groups sets single ones apart.
    std::optional<RateLimit> group_rate;
    /// Leased messages of one group; 0 = no limit.
    std::optional<std::uint32_t> group_max_in_flight;
    /// Becomes strict only while no message is delayed.
    std::optional<GroupOrder> group_order;
    /// What waits or is delayed of one group; 0 = no limit.
    std::optional<std::uint64_t> group_max_messages;
    std::optional<GroupOverflow> group_overflow;
    /// Completed messages stay readable with their results. Default: true with profile job.
    std::optional<bool> keep_completed;
    /// Their bodies stay up to this size (4 KiB); 0 = none stays. One whose body is gone cannot be retried.
    std::optional<std::uint32_t> completed_payload_bytes;
    /// Default: 1,000, a day, 64 MiB.
    std::optional<Retention> completed_retention;
    /// Default: 10,000, 14 days, 256 MiB.
    std::optional<Retention> failed_retention;
    /// What happens to messages is noted in an event log (see events.hpp). Default: true with profile job.
    std::optional<bool> keep_events;
    /// Default: 10,000 events, a day, 16 MiB.
    std::optional<Retention> event_retention;
    /// An id is refused so long after its message is gone, and of the newest so many; profile job: a day, 1,000.
    std::optional<std::chrono::milliseconds> id_memory;
    std::optional<std::uint64_t> id_memory_count;
};

}  // namespace baton
