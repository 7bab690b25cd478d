#pragma once
// The record of a group, which it has while there is something to keep of it. Plain values.

#include "server/core/group_id.hpp"
#include "server/core/group_settings.hpp"
#include "server/core/ids.hpp"
#include "server/core/rate_limit.hpp"

#include <cstdint>
#include <string>

namespace baton::core {

/// What the broker keeps of a group, beside what users set on it.
struct GroupFacts {
    TokenBucket bucket;
    TimeMs penalty_until = 0;
    /// In queues that limit what a group has: its messages, leased ones too.
    std::uint64_t messages = 0;
    /// Of these, those in the timed lane.
    std::uint64_t delayed = 0;
    /// In queues of strict order: its messages that were tried and wait to be tried again.
    std::uint32_t retrying = 0;

    bool operator==(const GroupFacts&) const = default;
};

struct PutGroup {
    NamespaceId ns{};
    QueueId id{};
    GroupId group;
    std::string name;
    GroupLimits limits;
    GroupFacts facts;
};
struct RemoveGroup {
    NamespaceId ns{};
    QueueId id{};
    GroupId group;
};

}  // namespace baton::core
