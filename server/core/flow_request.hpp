#pragma once
// Requests about flows. Plain values.

#include "server/core/entry_options.hpp"
#include "server/core/entry_run.hpp"
#include "server/core/flow.hpp"
#include "server/core/flow_effect.hpp"
#include "server/core/flow_mutation.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace baton::core {

/// One message of a flow. Its parents are other nodes of the request, by index; a node without parents is a root.
struct FlowNode {
    std::string queue;
    EntryOptions options;
    /// Exactly one entry.
    EntryRun entry;
    std::vector<std::uint32_t> parents;
    /// What its end without completion does to its parents; and what holds for its own children that say nothing.
    FailurePolicy policy = FailurePolicy::inherit;
    FailurePolicy children_policy = FailurePolicy::inherit;
};
/// Stores all messages in one commit, or none. Answered by FlowAdded.
struct AddFlow {
    std::vector<FlowNode> nodes;
};
/// A flow and those below it, breadth first. Answered by FlowInfo.
struct ShowFlow {
    std::string queue;
    Offset offset = 0;
    /// How many levels of flows, and how many children of each.
    std::uint32_t depth = 1;
    std::uint32_t width = 0;
    /// How far it came: what is found, what is to be looked at with its depth. Empty when it enters.
    FlowInfo found;
    std::vector<std::pair<FlowId, std::uint32_t>> to_do;
    bool entered = false;
};
/// The children of one flow, page by page, with their results. Answered by ChildList.
struct ListChildren {
    std::string queue;
    Offset offset = 0;
    /// Bits of the states that are wanted, 1 << state; 0 = all.
    std::uint32_t states = 0;
    std::uint32_t from = 0;
    std::uint32_t limit = 0;
    /// Long results that were read for it.
    std::map<std::uint32_t, JobResultPtr> results;
};

/// Of the core itself: tells flows of children that went with the messages of a queue.
struct LoseChildren {
    LostChildren lost;
    /// Flows to be looked at, the next one first, and the last one that was read.
    std::deque<FlowId> flows;
    FlowId after;
    bool at_end = false;
    /// Children of the next flow of which a read has told whether they are anywhere.
    std::map<Offset, bool> is_there;
};

}  // namespace baton::core
