#pragma once
// Reading flows. Plain values.

#include "server/core/flow.hpp"
#include "server/core/message_record.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace baton::core {

/// A flow with all its children, its parent when that waits for them, and results of children that have records of
/// their own.
struct ReadFlow {
    NamespaceId ns{};
    FlowId flow;
    /// Of the parent's queue.
    std::uint32_t lane_generation = 0;
    std::vector<std::uint32_t> results;
};
struct FlowRead {
    /// Absent: there is no such flow.
    std::optional<FlowHead> head;
    std::vector<FlowChild> children;
    std::optional<MessageRecord> parent;
    std::map<std::uint32_t, JobResultPtr> results;
};

/// The unresolved flows with children in a queue, in order, behind `after` (queue 0 = from the first).
struct ReadFlowMembers {
    NamespaceId ns{};
    QueueId queue{};
    FlowId after;
    std::uint32_t max_flows = 0;
};
struct FlowMembersRead {
    std::vector<FlowId> flows;
    bool at_end = false;
};

}  // namespace baton::core
