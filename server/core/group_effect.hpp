#pragma once
// What is said of the groups of a queue. Plain values.

#include "server/core/allowance.hpp"
#include "server/core/group_id.hpp"
#include "server/core/group_settings.hpp"
#include "server/core/ids.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton::core {

struct GroupInfo {
    std::string name;
    /// Ready and not leased; at least so many when `waiting_more`.
    std::uint64_t waiting = 0;
    bool waiting_more = false;
    std::uint32_t in_flight = 0;
    /// In queues of strict order: tried before, and not ready yet.
    std::uint32_t retrying = 0;
    /// All that is not done, leased and delayed ones too, in queues with a limit on it.
    std::optional<std::uint64_t> messages;
    GroupLimits limits;
    /// Why nothing of it is delivered now, and until when; 0 = open.
    Hold hold = Hold::none;
    TimeMs held_until = 0;
};
/// Behind a pointer: it is rare and large.
using GroupInfoPtr = std::shared_ptr<const GroupInfo>;

struct GroupList {
    std::vector<GroupInfo> groups;
    /// Pass as `after` for the next page; absent on the last.
    std::optional<GroupId> next;
};

}  // namespace baton::core
