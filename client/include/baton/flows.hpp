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
#include "baton/flow.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

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

    /// What became of its jobs, in order. At most 1,000 jobs, 64 levels, 16 parents each and 8 MiB. Stored once, also
    /// when the connection is lost before the answer; after timed_out or connection_lost nobody knows, but for jobs
    /// with ids. A job that has the id of one of these becomes the child in its place: done if it is completed, removed
    /// if only its id is remembered; throws wrong_message_state if it has failed.
    std::vector<AddedJob> add(const Flow& flow);
    /// The same; the roots of the flow are children of a job that this client holds. The job then waits for them with
    /// Received::wait_for_children, and cannot be acked while they are not over (children_pending).
    /// `children_on_failure` holds for roots that say nothing. A job has at most 10,000 children. Throws flow_cycle
    /// when the id of a job belongs to one that has children.
    std::vector<AddedJob> add_children(const Received& parent, const Flow& flow,
                                       FailurePolicy children_on_failure = FailurePolicy::inherit);
    /// Of a job that somebody holds, or that waits for children; else throws wrong_message_state.
    std::vector<AddedJob> add_children(const std::string& queue, std::uint64_t offset, const Flow& flow,
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
