#pragma once
// What is told about flows. Plain values.

#include "server/core/flow.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace baton::core {

/// Where the nodes of a request were stored, in their order.
struct FlowAdded {
    std::vector<std::pair<QueueId, Offset>> messages;
};

struct ChildView {
    std::uint32_t index = 0;
    FlowChild child;
    /// Empty when the queue is gone.
    std::string queue;
};
struct FlowView {
    FlowId id;
    std::string queue;
    FlowHead head;
    /// How many children are in each state.
    std::uint32_t pending = 0, completed = 0, failed = 0, ignored = 0, removed = 0;
    /// The first ones.
    std::vector<ChildView> children;
};
/// The flow that was asked for, and behind it those below it as far as they were wanted.
struct FlowInfo {
    std::vector<FlowView> flows;
    /// There are more flows below than an answer shows.
    bool more = false;
};
struct ChildList {
    std::vector<ChildView> children;
    bool more = false;
    std::uint32_t next = 0;
};

}  // namespace baton::core
