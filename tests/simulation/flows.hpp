#pragma once
// A seeded run about flows: jobs that wait for others over three queues, that add children while they run, whose
// children are completed, fail, are retried, detached or removed, whose queues are purged and deleted, while the broker
// is stopped between any two steps and keeps hardly any flow in memory. A model knows for every flow what its children
// did to it, and the state of each parent is held against it.
//
// All queues are synced and every request is answered before the next, so that the model is exact.

#include "tests/simulation/findings.hpp"
#include "tests/simulation/run_coverage.hpp"
#include "tests/simulation/simulation.hpp"
#include "tests/support/prng.hpp"
#include "tests/support/round_driver.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace baton::simulation {

class FlowSimulation {
public:
    explicit FlowSimulation(RunOptions options);
    Outcome run();

private:
    /// The number of its queue, in the order in which queues were made, and its offset.
    using JobId = std::pair<std::size_t, core::Offset>;
    enum class Is { waiting_children, ready, completed, failed, gone };
    struct Link {
        JobId parent;
        std::size_t index = 0;
    };
    struct Child {
        JobId id;
        core::FailurePolicy policy{};
        core::ChildState state = core::ChildState::pending;
        std::string result;
    };
    /// A job as it must be.
    struct Modelled {
        Is state = Is::ready;
        std::vector<Link> parents;
        std::vector<Child> children;
        core::FlowState flow = core::FlowState::waiting;
    };
    struct Held {
        core::Token token;
        JobId job;
        core::TimeMs until = 0;
    };

    void step();
    void connect();
    void consume(std::size_t name);
    void crash();
    void settle();
    void take();
    core::ReplyBody ask(core::RequestBody body);
    void add();
    void settle_one();
    void retry();
    // flows_acted.cpp
    void grow();
    void wait_for_children();
    void detach_one();
    void act();
    /// A job and those below it that the action means, each behind its parents. Also what is below a parent that a
    /// purge took, whose record may be there still.
    std::vector<JobId> below(const JobId& root, core::ActOnFlow::Action action) const;
    void acted(const std::vector<JobId>& jobs, core::ActOnFlow::Action action);
    bool has_failed(const JobId& job);
    bool is_held(const JobId& job) const;
    bool is_there(const JobId& job);
    core::FlowNode some_node(std::size_t index, bool may_have_parents, std::vector<std::size_t>& queues);
    void added(const core::AddFlow& request, const std::vector<std::size_t>& queues, const core::FlowAdded& added);
    void give_up();
    void create_queue(std::size_t name);
    void purge();
    void delete_queue();
    /// Asks, or stops the broker as soon as the commit is made.
    void ask_or_crash(core::RequestBody body);
    const char* name_of(const JobId& job) const;
    /// What became of a job reaches its parents.
    void ended(const JobId& job, Is state, const std::string& result);
    void child_ended(const Link& link, Is state, const std::string& result);
    void child_detached(const Link& link);
    /// A failed job is done again.
    void again(const JobId& job);
    bool holds(const Modelled& parent) const;
    /// Why its ack is refused.
    bool is_kept(const Modelled& job) const;
    void check();
    /// What was delivered in this step was ready.
    void check_fresh();
    void check_flow(const JobId& id, const Modelled& job);
    /// What `doctor` looks for in the records of flows is there after no commit. flow_records.cpp
    void check_records();
    void compare();
    void note(const std::string& text) const;

    RunOptions options_;
    tests::Prng prng_;
    Findings findings_;
    tests::RoundDriver driver_;
    RunCoverage coverage_;
    std::map<JobId, Modelled> jobs_;
    std::vector<Held> held_;
    std::vector<JobId> fresh_;
    std::map<std::uint64_t, core::ReplyBody> replies_;
    /// The name of each queue that was made, and the one that has the name now.
    std::vector<std::size_t> names_;
    std::vector<std::size_t> current_;
    /// What a parent comes to must not hang on which of two children is lost first.
    std::vector<core::FailurePolicy> policies_;
    bool purges_ = false;
    std::uint64_t connection_ = 0, next_request_ = 1;
    std::uint64_t crashes_ = 0, deliveries_ = 0;
};

}  // namespace baton::simulation
