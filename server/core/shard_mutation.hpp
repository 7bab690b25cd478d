#pragma once
// The one record of a shard. Plain values.

#include "server/core/flow_mutation.hpp"

#include <cstdint>
#include <vector>

namespace baton::core {

/// Counters of the whole shard, and what flows are still to be told of.
struct PutShard {
    std::uint32_t next_namespace = 2;
    std::uint64_t next_queue = 1;
    std::uint64_t next_schedule = 1;
    std::vector<LostChildren> lost_children;
};

}  // namespace baton::core
