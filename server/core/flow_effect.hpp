#pragma once
// What is told about flows. Plain values.

#include "server/core/flow.hpp"
#include "server/core/message_state.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace baton::core {

/// A node of a request that was not stored.
struct NodeOutcome {
    /// Sent on the wire: do not change these values.
    enum class Kind : std::uint8_t {
        /// A message of the queue has its id, and stands for it.
        duplicate = 1,
        /// All that would wait for it was not stored either.
        left_out = 2,
    };
    std::uint32_t node = 0;
    Kind kind = Kind::duplicate;
    /// Of the message that stands for it; 0 = it is gone.
    MessageState state{};
    bool operator==(const NodeOutcome&) const = default;
};
/// Where the nodes of a request are, in their order; offset 0 of one that was left out.
struct FlowAdded {
    std::vector<std::pair<QueueId, Offset>> messages;
    std::vector<NodeOutcome> outcomes = {};  // ascending
    /// It was stored before, as its sequences say.
    bool repeated = false;
};
/// What became of a job that asked to wait for its children.
struct ChildrenAwaited {
    /// Sent on the wire: do not change these values.
    enum class Verdict : std::uint8_t {
        /// It is no longer leased: it comes again when they are over.
        waits = 1,
        /// There is nothing to wait for: the lease goes on.
        go_on = 2,
        /// A child has failed it: it is over.
        failed = 3,
    };
    Verdict verdict{};
};
struct FlowActed {
    /// Jobs that it was done to; of a cancel those whose holders were told and have their grace; and those that it
    /// could not be done to.
    std::uint64_t done = 0, cancelling = 0, skipped = 0;
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
