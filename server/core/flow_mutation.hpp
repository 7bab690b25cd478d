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

/// Stored on disk: do not change these values.
enum class FlowNewsKind : std::uint8_t {
    /// The child is over.
    ended = 0,
    /// It is done again.
    retried = 1,
    /// Its parent is not to wait for it.
    detached = 2,
    /// It has children of its own from now on.
    became_parent = 3,
    /// Of the parent itself, which a child had failed: it is done again, and stands with those that wait for children.
    parent_retried = 4,
};
/// What stands in place of a child's index in news of the parent itself.
inline constexpr std::uint32_t parent_index = UINT32_MAX;

/// What a flow is told of one of its children.
struct FlowNews {
    FlowNewsKind kind = FlowNewsKind::ended;
    /// How it ended.
    JobOutcome outcome = JobOutcome::completed;
    std::string text = {};
    JobResultPtr result = nullptr;
    /// Of the child.
    QueueId queue{};
};
/// News that a flow was not told of yet, since its record has to be read first.
struct PutFlowNews {
    NamespaceId ns{};
    FlowLink child;
    /// They are told in this order.
    std::uint32_t number = 0;
    FlowNews news;
};
struct RemoveFlowNews {
    NamespaceId ns{};
    FlowId flow;
    std::uint32_t number = 0;
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
