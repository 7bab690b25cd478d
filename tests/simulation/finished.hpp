#pragma once
// A seeded run about jobs that end: they are completed with results, fail, are retried, removed and purged, while the
// broker is stopped between any two steps. What it tells of them is held against a model that keeps all it was told:
// every result, exactly what retention leaves, and the end of every job in events and to those who wait.
//
// All queues are synced and every request is answered before the next, so that the model is exact.

#include "tests/simulation/findings.hpp"
#include "tests/simulation/run_coverage.hpp"
#include "tests/simulation/simulation.hpp"
#include "tests/support/prng.hpp"
#include "tests/support/round_driver.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::simulation {

class FinishedSimulation {
public:
    explicit FinishedSimulation(RunOptions options);
    Outcome run();

private:
    struct Ended {
        core::Offset offset = 0;
        core::TimeMs at = 0;
        std::string result;
        std::uint64_t bytes = 0;
    };
    struct Held {
        core::Token token;
        core::Offset offset = 0;
        core::TimeMs until = 0;
    };

    /// What a job said of itself, as far as it was taken.
    struct Said {
        std::optional<std::string> progress;
        /// The lines that are kept, and the number of the next one.
        std::deque<std::string> lines;
        std::uint64_t next_line = 1;
    };

    void step();
    void connect();
    void crash();
    /// Everything that is due is done, retention too.
    void rest();
    bool settle();
    core::ReplyBody ask(core::RequestBody body);
    void take();
    void produce();
    void end_some();
    void end_one(const Held& held, bool complete);
    void retry();
    void retry_unfinished();
    void remove();
    void purge();
    void change_settings();
    // finished_tasks.cpp: bulk removal and retry by a filter.
    void run_task();
    core::TaskSpec random_task();
    /// Of the failed or the completed set, what the filter means.
    std::vector<core::Offset> meant_by(const core::JobFilter& filter) const;
    bool none_too_old(core::DurationMs within) const;
    core::TaskProgress task_progress(core::TaskId id);
    void task_done(const core::TaskSpec& spec, const std::vector<core::Offset>& meant);
    // finished_reports.cpp: what jobs say while they run.
    void report();
    void append_lines(const Held& held);
    void change_data(const Held& held);
    /// What is told of jobs that are there is what they said, and nothing is kept of others.
    void check_reports();
    void check_report(core::Offset offset);
    void check_delivered(core::Offset offset, std::string_view payload);
    /// The model's retention.
    void trim();
    void check();
    void check_job(const Ended& job);
    /// Asks for the end of a job that is not over; answered by what ends it.
    void wait_for(core::Offset offset);
    /// It was told what became of a job that it waited for.
    void check_wait(core::Offset offset, core::JobOutcome outcome, const std::string& result);
    /// The log has no hole, and tells of every job how it ended last.
    void check_events();
    void compare();
    void note(const std::string& text) const;

    const std::string queue_name_ = "jobs";
    RunOptions options_;
    tests::Prng prng_;
    Findings findings_;
    tests::RoundDriver driver_;
    RunCoverage coverage_;
    core::QueueSettings settings_;
    /// As changed by the holder last.
    std::map<core::Offset, std::string> payloads_;
    std::map<core::Offset, Said> said_;
    /// The class of the last error of each job that has failed.
    std::map<core::Offset, std::string> error_classes_;
    std::vector<Held> held_;
    /// The oldest first.
    std::deque<Ended> completed_, failed_;
    /// How each job ended last, as events tell it; none while it is not over.
    std::map<core::Offset, core::EventType> last_ends_;
    std::map<core::Offset, std::uint64_t> waits_;
    std::vector<core::EventBatch> events_;
    std::map<std::uint64_t, core::ReplyBody> replies_;
    std::uint64_t connection_ = 0, next_request_ = 1;
    std::uint64_t crashes_ = 0, deliveries_ = 0;
};

}  // namespace baton::simulation
