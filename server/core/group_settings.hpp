#pragma once
// What holds for groups: the queue's rule for each of its groups, and what one group has of its own instead. Plain
// values.

#include "server/core/ids.hpp"
#include "server/core/rate_limit.hpp"

#include <cstdint>
#include <optional>

namespace baton::core {

/// Stored on disk and sent on the wire: do not change these values.
enum class GroupOrder : std::uint8_t {
    /// Messages of a group may run side by side.
    none = 1,
    /// One after the other: the next goes out when the one before is done, also while that waits to be tried again.
    strict = 2,
};
enum class GroupOverflow : std::uint8_t { reject = 1, drop_oldest = 2, dead_letter_oldest = 3 };

/// Of each group of a queue.
struct GroupSettings {
    RateLimit rate;
    /// Leased messages of one group; 0 = no limit.
    std::uint32_t max_in_flight = 0;
    GroupOrder order = GroupOrder::none;
    /// What waits or is delayed of one group; 0 = no limit.
    std::uint64_t max_messages = 0;
    GroupOverflow overflow = GroupOverflow::reject;

    bool operator==(const GroupSettings&) const = default;
};

/// Of one group; what is absent is as the queue says.
struct GroupLimits {
    std::optional<RateLimit> rate;
    std::optional<std::uint32_t> max_in_flight;
    std::optional<std::uint64_t> max_messages;
    bool paused = false;
    /// Nothing is delivered before; 0 or a time that has passed: no matter.
    TimeMs paused_until = 0;

    bool operator==(const GroupLimits&) const = default;
};

}  // namespace baton::core
