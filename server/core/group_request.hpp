#pragma once
// Requests about the groups of a queue. Plain values.

#include "server/core/group_id.hpp"
#include "server/core/group_settings.hpp"
#include "server/core/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace baton::core {

/// What one group has instead of the queue's rules; the group need not exist. Absent fields stay as they are.
struct SetGroup {
    std::string queue;
    std::string group;
    /// First everything goes back to the queue's rules.
    bool reset = false;
    std::optional<RateLimit> rate;
    std::optional<std::uint32_t> max_in_flight;
    std::optional<std::uint64_t> max_messages;
    std::optional<bool> paused;
    std::optional<TimeMs> paused_until;
    /// Sets paused_until to this long from now.
    std::optional<DurationMs> pause_for_ms;
};
struct ShowGroup {
    std::string queue;
    std::string group;
};
struct ListGroups {
    std::string queue;
    /// As given by GroupList::next; absent = from the first.
    std::optional<GroupId> after;
    std::uint32_t limit = 100;
};

}  // namespace baton::core
