#pragma once
// Flows: a parent waits for its children, jobs of any queues of profile job, and then reads what they returned.
//
//     baton::Flow flow;
//     const auto report = flow.add("reports", {.payload = "2026-11"});
//     flow.add("pages", {.payload = "1"}, {report});
//     flow.add("pages", {.payload = "2"}, {report}, {.on_failure = baton::FailurePolicy::ignore});
//     baton::Flows(client).add(flow);                      // all of it is stored in one step, or nothing
//     ... in the handler of "reports":
//     for (const baton::FlowChild& page : flows.all_children("reports", job.id().offset)) use(page.result);
//
// Every call blocks until the server has answered and throws Exception on a refusal. May be used by several threads at
// once, a Flow by one.

#include "baton/batch.hpp"
#include "baton/connection.hpp"
#include "baton/message.hpp"
#include "baton/result.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

/// What becomes of the parent when a child ends without having been completed: it failed, was cancelled, removed or
/// dead-lettered, it expired, or its queue was purged or deleted. The numbers are those of the protocol.
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
enum class ChildState : std::uint8_t { unknown = 0, pending = 1, completed = 2, failed = 3, ignored = 4, removed = 5 };
/// open: the parent has added children while it ran, and does not wait for them yet.
enum class FlowState : std::uint8_t { unknown = 0, waiting = 1, released = 2, failed = 3, open = 4 };
/// "fail_parent", "ignore", ...
const char* to_text(FailurePolicy policy);
const char* to_text(ChildState state);
const char* to_text(FlowState state);

struct FlowJobOptions {
    /// What its end without completion does to its parents.
    FailurePolicy on_failure = FailurePolicy::inherit;
    /// What holds for those of its children that say nothing.
    FailurePolicy children_on_failure = FailurePolicy::inherit;
};

/// Jobs and who waits for whom: a tree, several of them, or any graph without a cycle.
class Flow {
public:
    /// Names a job of this flow.
    using Job = std::uint32_t;
    struct Node {
        std::string queue;
        Message message;
        std::vector<Job> parents;
        FlowJobOptions options;
    };

    /// `parents` wait for it; with none it is a root. The delay and the time to live of one with children count from
    /// when it is released.
    Job add(std::string queue, Message message, std::vector<Job> parents = {}, FlowJobOptions options = {});
    const std::vector<Node>& nodes() const { return nodes_; }

private:
    std::vector<Node> nodes_;
};

struct FlowChild {
    /// Its number among the children of its parent.
    std::uint32_t index = 0;
    /// Empty when the queue is gone.
    std::string queue;
    MessageId id;
    FailurePolicy policy = FailurePolicy::inherit;
    ChildState state = ChildState::unknown;
    /// It has children of its own.
    bool is_parent = false;
    /// How it ended when it was not completed; its beginning.
    std::string error;
    /// What it returned; only where children are listed.
    std::optional<JobResult> result;
};

struct FlowView {
    std::string queue;
    /// Of the parent.
    MessageId id;
    FlowState state = FlowState::unknown;
    std::int64_t created_ms = 0;
    /// All children, and how many of them are in each state.
    std::uint32_t total = 0, pending = 0, completed = 0, failed = 0, ignored = 0, removed = 0;
    /// The first ones.
    std::vector<FlowChild> children;
};

struct FlowInfo {
    /// The one asked for first, then those below it, level by level; at most 1,000.
    std::vector<FlowView> flows;
    /// There are more below.
    bool more = false;
};

struct ChildrenOptions {
    /// Empty = all.
    std::vector<ChildState> states = {};
    /// From ChildPage::next.
    std::uint32_t cursor = 0;
    /// 0 = 100; at most 1,000.
    std::uint32_t limit = 0;
};
struct ChildPage {
    std::vector<FlowChild> children;
    /// There may be more from `next` on.
    bool more = false;
    std::uint32_t next = 0;
};

/// What became of an action on many jobs.
struct FlowActed {
    std::uint64_t done = 0;
    /// Of a cancel: held by workers that were told, and have their grace.
    std::uint64_t cancelling = 0;
    /// Gone, or in a state in which it could not be done.
    std::uint64_t skipped = 0;
};

class Flows {
public:
    explicit Flows(const Client& client);

    /// The ids of its jobs, in order. At most 1,000 jobs, 64 levels, 16 parents each and 8 MiB. Stored once, also when
    /// the connection is lost before the answer; after timed_out or connection_lost nobody knows.
    std::vector<MessageId> add(const Flow& flow);
    /// The same; the roots of the flow are children of a job that this client holds. The job then waits for them with
    /// Received::wait_for_children, and cannot be acked while they are not over (children_pending).
    /// `children_on_failure` holds for roots that say nothing. A job has at most 10,000 children.
    std::vector<MessageId> add_children(const Received& parent, const Flow& flow,
                                        FailurePolicy children_on_failure = FailurePolicy::inherit);
    /// Of a job that somebody holds, or that waits for children; else throws wrong_message_state.
    std::vector<MessageId> add_children(const std::string& queue, std::uint64_t offset, const Flow& flow,
                                        FailurePolicy children_on_failure = FailurePolicy::inherit);

    /// The job no longer holds its parents, or the one named; it stays a job. Throws not_a_child.
    void detach(const std::string& queue, std::uint64_t offset);
    void detach(const std::string& queue, std::uint64_t offset, const std::string& parent_queue,
                std::uint64_t parent_offset);
    // The following name a job that has children (else flow_not_found), and mean all jobs below it, at most 10,000. Not
    // done in one step: when the call throws connection_lost or timed_out, it goes on at the server, but not over a
    // restart of that. remove_children and retry can then be called again; cancel and remove, which take the job first,
    // may have left jobs below it behind.

    /// Removes what is below the job and was not begun: its parents go on without it.
    FlowActed remove_children(const std::string& queue, std::uint64_t offset);
    /// Cancels the job and all below it. Absent: five seconds for those who hold some.
    FlowActed cancel(const std::string& queue, std::uint64_t offset,
                     std::optional<std::chrono::milliseconds> grace = {});
    /// Puts back what has failed of it; a job that a child had failed waits for that child again.
    FlowActed retry(const std::string& queue, std::uint64_t offset, bool keep_counters = false);
    /// Removes the job and all below it; throws wrong_message_state while one of them is leased.
    FlowActed remove(const std::string& queue, std::uint64_t offset);

    /// Throws flow_not_found unless the job has children. `depth` levels of flows (0 = 10, at most 16), `width`
    /// children of each (0 = 20, at most 1,000).
    FlowInfo show(const std::string& queue, std::uint64_t offset, std::uint32_t depth = 0, std::uint32_t width = 0);
    /// One page of children, with results.
    ChildPage children(const std::string& queue, std::uint64_t offset, const ChildrenOptions& options = {});
    /// Every page of it.
    std::vector<FlowChild> all_children(const std::string& queue, std::uint64_t offset);

private:
    std::shared_ptr<detail::ClientCore> core_;
};

}  // namespace baton
