#pragma once
// What flows change on disk. Plain values.

#include "server/core/flow.hpp"
#include "server/core/outcome.hpp"

#include <cstdint>
#include <vector>

namespace baton::core {

/// A page of a flow: the head with page 0, and the children [page * flow_page_children, ...).
struct PutFlow {
    NamespaceId ns{};
    FlowId flow;
    std::uint32_t page = 0;
    FlowHead head;
    std::vector<FlowChild> children;
};
/// The result of one child, when it is too long for its page.
struct PutFlowResult {
    NamespaceId ns{};
    FlowLink child;
    JobResultPtr result;
};
/// Removes the flows of these parents. Not paged: each is at most page 0.
struct RemoveFlows {
    NamespaceId ns{};
    QueueId queue{};
    std::vector<OffsetRange> parents;
    bool paged = false;
};

/// A queue lost messages, or was deleted: children of flows that were below this offset may be gone.
struct LostChildren {
    NamespaceId ns{};
    QueueId queue{};
    Offset upto = 0;
    bool operator==(const LostChildren&) const = default;
};

/// How a child ended, or that it is tried again.
struct FlowNews {
    JobOutcome outcome = JobOutcome::completed;
    bool retried = false;
    std::string text = {};
    JobResultPtr result = nullptr;
    /// Of the child.
    QueueId queue{};
};
/// News of a child that its flow was not told of yet, since its record has to be read first.
struct PutFlowNews {
    NamespaceId ns{};
    FlowLink child;
    FlowNews news;
};
struct RemoveFlowNews {
    NamespaceId ns{};
    FlowLink child;
};

/// An unresolved flow has children in this queue. In an index, for those who lose many children at once.
struct PutFlowMember {
    NamespaceId ns{};
    QueueId queue{};
    FlowId flow;
};
struct RemoveFlowMember {
    NamespaceId ns{};
    QueueId queue{};
    FlowId flow;
};

}  // namespace baton::core
