#pragma once
// A flow as it is built, and as the server shows it. Plain values; flows.hpp adds and shows them.

#include "baton/message.hpp"
#include "baton/result.hpp"
#include "baton/stored_message.hpp"

#include <cstdint>
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
    /// when it is released. A message may have an id that no other of its queue has here, and no deduplication id.
    Job add(std::string queue, Message message, std::vector<Job> parents = {}, FlowJobOptions options = {});
    const std::vector<Node>& nodes() const { return nodes_; }

private:
    std::vector<Node> nodes_;
};

/// A job of a flow that was added.
struct AddedJob {
    // The numbers are those of the protocol, where that says something.
    enum class Kind : std::uint8_t {
        created = 0,
        /// Not stored: a job of its queue has its id and stands for it, and for all jobs that only it would wait for.
        duplicate = 1,
        /// Not stored, since all that would wait for it was not either.
        left_out = 2,
    };
    /// duplicate: of the job that stands for it. left_out: none.
    MessageId id;
    Kind kind = Kind::created;
    /// duplicate: where that job is; unspecified when it is gone and only its id is remembered.
    MessageState state = MessageState::unspecified;
};

/// "created", "duplicate", "left_out"
const char* to_text(AddedJob::Kind kind);

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

}  // namespace baton
