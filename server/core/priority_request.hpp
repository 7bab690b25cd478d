#pragma once
// What is ready by priority: the request that asks, and the answer. Plain values.

#include <cstdint>
#include <string>
#include <vector>

namespace baton::core {

struct CountPriorities {
    std::string queue;
    /// 0 = what has none.
    std::vector<std::uint32_t> priorities;
};

struct PriorityCounts {
    /// One for each priority that was asked for, in the order of the request.
    std::vector<std::uint64_t> ready;
};

}  // namespace baton::core
