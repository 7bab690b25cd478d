#pragma once
// Flows: a parent waits for children, messages of any queue of its namespace. What a flow remembers of them is one
// record beside the parent, found by the parent's id; a child knows its parents by a link. Plain values.

#include "server/core/finished.hpp"
#include "server/core/ids.hpp"

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace baton::core {

/// A flow is named by its parent.
struct FlowId {
    QueueId queue{};
    Offset parent = 0;
    auto operator<=>(const FlowId&) const = default;
};

/// What a child knows of one parent: which flow, and which of its children it is.
struct FlowLink {
    FlowId flow;
    std::uint32_t index = 0;
    bool operator==(const FlowLink&) const = default;
};
using FlowLinksPtr = std::shared_ptr<const std::vector<FlowLink>>;

/// What becomes of the parent when a child ends without having been completed. Stored on disk and sent on the wire: do
/// not change these values.
enum class FailurePolicy : std::uint8_t {
    /// What the parent says for its children; where it says nothing, fail_parent.
    inherit = 0,
    /// The parent fails at once; its other children go on.
    fail_parent = 1,
    /// It counts as resolved; its error can be read.
    ignore = 2,
    /// It counts as resolved, and nothing is kept of it.
    remove = 3,
    /// The parent runs at once, whatever else it waits for.
    continue_parent = 4,
    /// The parent waits until the child was retried and completed, or is gone.
    wait = 5,
};

/// Stored on disk and sent on the wire: do not change these values.
enum class ChildState : std::uint8_t {
    pending = 1,
    completed = 2,
    failed = 3,
    /// Failed, and the parent went on without it.
    ignored = 4,
    /// The parent no longer knows more of it than its id, whatever becomes of it.
    removed = 5,
};

/// Stored on disk and sent on the wire: do not change these values.
enum class FlowState : std::uint8_t {
    waiting = 1,
    /// The parent waits for nothing any more.
    released = 2,
    /// A child failed the parent.
    failed = 3,
    /// The parent has added children while it ran, and does not wait for them yet.
    open = 4,
};

struct FlowChild {
    QueueId queue{};
    Offset offset = 0;
    FailurePolicy policy = FailurePolicy::fail_parent;
    ChildState state = ChildState::pending;
    /// It has children of its own.
    bool is_parent = false;
    /// Its result has a record of its own, since it is long.
    bool spilled = false;
    /// Why it failed, cut.
    std::string error = {};
    JobResultPtr result = nullptr;

    /// The parent waits for it.
    bool holds() const {
        return state == ChildState::pending || (state == ChildState::failed && policy == FailurePolicy::wait);
    }
    bool operator==(const FlowChild&) const = default;
};

/// What is kept of a flow beside its children.
struct FlowHead {
    FlowState state = FlowState::waiting;
    TimeMs created_at = 0;
    /// How the parent becomes ready when it is released: after a delay, or not before a time; and its time to live.
    DurationMs delay_ms = 0;
    TimeMs due_at = 0;
    DurationMs ttl_ms = 0;
    /// How many children there are.
    std::uint32_t children = 0;
    bool operator==(const FlowHead&) const = default;
};

/// What a queue knows of flows; on disk with its state.
struct FlowCounts {
    /// Its messages that wait for children.
    std::uint64_t waiting = 0;
    /// It has or had children of flows, parents of them, and among these such with more than one page.
    bool has_children = false, has_parents = false, has_pages = false;
    /// Parents below this that waited when the queue was last purged are gone; their flows may still be there.
    Offset purged_below = 0;
    bool any() const { return has_children || has_parents; }
    bool operator==(const FlowCounts&) const = default;
};

}  // namespace baton::core
