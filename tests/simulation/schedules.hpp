#pragma once
// A seeded run about schedules alone: they are made, changed, paused, run by hand and deleted while time passes, runs
// are acked, fail or are left, and the broker is stopped between any two steps. What is delivered is held against the
// firings that arithmetic says are due: none early, none twice, none forgotten.
//
// All queues are synced, so that what was answered stays; what a firing does is decided by the broker alone.

#include "server/core/schedule_spec.hpp"
#include "tests/simulation/findings.hpp"
#include "tests/simulation/run_coverage.hpp"
#include "tests/simulation/simulation.hpp"
#include "tests/support/prng.hpp"
#include "tests/support/round_driver.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace baton::simulation {

class ScheduleSimulation {
public:
    explicit ScheduleSimulation(RunOptions options);
    Outcome run();

private:
    /// What is known of one schedule since its timing was last set.
    struct Known {
        core::ScheduleSpec spec;
        core::TimeMs anchor_at = 0;
        /// Firings later than this count.
        core::TimeMs after = 0;
        bool paused = false;
        /// What it had done by then.
        std::uint64_t fired_before = 0, skipped_before = 0;
    };
    struct Run {
        std::string schedule;
        core::TimeMs firing_at = 0;
        auto operator<=>(const Run&) const = default;
    };

    void step();
    void step_machine();
    void crash();
    void connect();
    bool settle();
    core::ReplyBody ask(core::RequestBody body);
    void administer();
    void upsert(const std::string& name);
    core::ScheduleSpec random_spec();
    void work();
    void take();
    void delivered(const core::Deliver& frame, core::TimeMs decided_at);
    void check_run(const core::ScheduledRun& run, core::QueueId queue, core::Offset offset, core::TimeMs decided_at);
    bool is_firing(const Known& known, core::TimeMs at) const;
    std::uint64_t firings_between(const Known& known, core::TimeMs after, core::TimeMs until) const;
    void check_counts();
    void compare();
    void note(const std::string& text) const;

    RunOptions options_;
    tests::Prng prng_;
    Findings findings_;
    tests::RoundDriver driver_;
    RunCoverage coverage_;
    std::map<std::string, Known> known_;
    /// Where each run was seen; runs by hand are known by where they are.
    std::map<Run, std::pair<std::uint64_t, core::Offset>> seen_;
    std::set<std::pair<std::uint64_t, core::Offset>> by_hand_;
    std::vector<std::pair<core::Token, core::Offset>> held_;
    std::map<std::uint64_t, core::ReplyBody> replies_;
    std::uint64_t connection_ = 0, next_request_ = 1;
    std::uint64_t crashes_ = 0, deliveries_ = 0;
};

}  // namespace baton::simulation
