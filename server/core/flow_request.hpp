#pragma once
// Requests about flows. Plain values.

#include "server/core/entry_options.hpp"
#include "server/core/entry_run.hpp"
#include "server/core/flow.hpp"
#include "server/core/flow_effect.hpp"
#include "server/core/flow_mutation.hpp"
#include "server/core/refusal.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
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
/// A message that is there already, leased or waiting for children: the parent of the roots of a request.
struct FlowParent {
    std::string queue;
    Offset offset = 0;
    /// It must hold the message; its queue is the one that counts.
    std::optional<Token> token;
    /// Holds for roots that say nothing.
    FailurePolicy children_policy = FailurePolicy::inherit;
};
/// The sequence of a flow in one queue of it: as that of a produce.
struct FlowSequence {
    std::string queue;
    std::uint64_t sequence = 0;
    std::uint64_t acked_through = 0;
};
/// Stores all messages in one commit, or none. Answered by FlowAdded.
struct AddFlow {
    std::vector<FlowNode> nodes;
    std::optional<FlowParent> parent = {};
    /// 0 = nobody remembers it; else there is a sequence for each queue of the nodes.
    std::uint64_t producer = 0;
    TimeMs producer_created_at = 0;
    std::vector<FlowSequence> sequences = {};
};
/// Jobs that a request acks and that have children of their own: why each cannot be done yet, if so. Noted while the
/// request waits for others of them, since memory need not hold all of their flows at once.
using FlowsSeen = std::map<FlowId, std::optional<RefusalCode>>;

/// Of its holder: the message waits until its children are over. Answered by ChildrenAwaited.
struct WaitChildren {
    Token token;
    Offset offset = 0;
};
/// A child no longer holds its parents, or the one that is named. Answered by Done.
struct DetachChild {
    std::string queue;
    Offset offset = 0;
    /// Empty = all of them.
    std::string parent_queue = {};
    Offset parent_offset = 0;
};
/// What a request has found of the jobs of a flow; it goes along while more is read.
struct FlowGathering {
    struct Job {
        FlowId id;
        bool may_have_children = false;
        /// By index; how many of the jobs that were found have it as a child.
        std::vector<std::uint32_t> children = {};
        std::uint32_t parents = 0;
    };
    /// In the order in which they were found; those from `looked` on have not been looked at.
    std::vector<Job> jobs;
    std::map<FlowId, std::uint32_t> known;
    std::size_t looked = 0;
};
/// One action on a job and those below it, a slice at a time. Answered by FlowActed.
struct ActOnFlow {
    enum class Action : std::uint8_t {
        /// Cancels what is not over, from the top.
        cancel,
        /// Removes the job and all below it, none of which may be leased.
        remove,
        /// Removes what is below and was not begun; its parents are not told.
        remove_unprocessed,
        /// Puts back what has failed, from the bottom.
        retry,
    };
    Action action{};
    std::string queue;
    Offset offset = 0;
    DurationMs grace_ms = 0;
    bool keep_counters = false;
    /// It is one of those that are counted; false when it enters.
    bool counted = false;
    FlowGathering found = {};
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
