#pragma once
// Watches what a run writes: reads the events of all queues out of every commit, so that it sees what becomes durable,
// remembers where each message stands, and tells the coverage which row of the table took it there. What a crash loses
// is taken back. Queues without an event log are not seen.

#include "server/core/mutation.hpp"
#include "tests/simulation/commit_facts.hpp"
#include "tests/simulation/coverage.hpp"
#include "tests/simulation/coverage_requests.hpp"
#include "tests/simulation/transition.hpp"

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace baton::simulation {

class CoverageWatch {
public:
    CoverageWatch(Coverage& coverage, const CoverageRequests& requests, bool trace)
        : coverage_(coverage), requests_(requests), trace_(trace) {}

    /// A commit with its number; those up to `durable_through` can no longer be lost.
    void committed(const std::vector<core::Mutation>& mutations, std::uint64_t commit, std::uint64_t durable_through);
    /// The broker was stopped, and what is above `last_commit` never happened.
    void crashed(std::uint64_t last_commit);
    /// An answer told this of a message that stays where it is. Nothing when the table has no such row.
    void told(core::QueueId queue, core::Offset offset, Standing from, Trigger trigger, Standing what);

    /// `none` for one that was never seen.
    Standing standing(core::QueueId queue, core::Offset offset) const;
    /// The queue that has this name, or had it last.
    core::QueueId queue_named(const std::string& name) const;

private:
    struct Seen {
        Standing standing = Standing::none;
        bool ranked = false;
        /// The broker was stopped since the last row.
        bool stopped = false;
        Row last = no_row;
        core::TimeMs due = 0;
    };
    struct Step {
        Standing from{};
        Trigger trigger{};
        Standing to{};
    };
    struct Undo {
        std::uint64_t commit = 0;
        core::QueueId queue{};
        core::Offset offset = 0;
        Seen before;
        Row counted = no_row;
    };

    Seen& seen(core::QueueId queue, core::Offset offset);
    void read(const core::PutEvents& put);
    void happened(core::QueueId queue, core::Offset offset, const core::Event& event, core::TimeMs at);
    // coverage_steps.cpp: which row an event is.
    std::optional<Step> step_of(core::QueueId queue, core::Offset offset, const Seen& seen, const core::Event& event,
                                core::TimeMs at);
    Step became_ready(core::QueueId queue, core::Offset offset, const Seen& seen, Standing to, core::TimeMs at);
    Trigger edited(core::QueueId queue, core::Offset offset, Trigger otherwise) const;
    void enter(core::QueueId queue, core::Offset offset, const Step& step, bool known);
    /// Those of the queue that stand so are over.
    void all_gone(core::QueueId queue, Trigger trigger, std::initializer_list<Standing> which);
    void purged(core::QueueId queue);

    Coverage& coverage_;
    const CoverageRequests& requests_;
    /// Prints every row.
    bool trace_ = false;
    std::map<std::uint64_t, std::vector<Seen>> queues_;
    std::map<std::uint64_t, std::string> names_;
    /// What may still be lost.
    std::vector<Undo> undo_;
    CommitFacts facts_;
    std::uint64_t commit_ = 0;
};

}  // namespace baton::simulation
