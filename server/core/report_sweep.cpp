// After a purge, whose cost does not depend on how much it takes: the reports of jobs that it took are found by going
// through all that are kept, a slice at a time. Whatever ends later forgets its report by itself.
#include "server/core/limits.hpp"
#include "server/core/reports.hpp"
#include "server/core/state.hpp"

#include <utility>

namespace baton::core {

namespace {

void read_reported(State& state, Queue& queue, Offset from, Round& round) {
    queue.reports.sweeping = true;
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{queue.id, SweepReports{queue.job_reads.begin()}});
    round.reads.push_back({ticket, ReadReported{queue.ns, queue.id, from, limits::reports_per_step_max,
                                                queue.failed_generation, queue.completed_generation}});
}

/// A record that came or went since the read was made is of a job that still was there after the purge.
bool is_gone(const Queue& queue, const ReportedRead::Job& job, std::uint64_t version) {
    const bool plain = !queue.acks.test(job.offset);
    return !job.has_record && !plain && !queue.is_out(job.offset) && queue.job_reads.holds(job.offset, version);
}

}  // namespace

void run_report_sweep(State& state, Queue& queue, Round& round) {
    if (queue.reports.to_sweep && !queue.reports.sweeping && queue.attaching == 0) {
        read_reported(state, queue, 0, round);
    }
}

void sweep_reports(State& state, Queue& queue, const SweepReports& step, ReportedRead&& found, TimeMs now,
                   Round& round) {
    for (const ReportedRead::Job& job : found.jobs) {
        if (is_gone(queue, job, step.version)) {
            forget_reports(queue, {job.offset, 1}, round);
        }
    }
    state.touch(queue, round);
    if (found.at_end) {
        queue.reports.sweeping = false;
        queue.reports.to_sweep = std::exchange(queue.reports.sweep_again, false);
        state.arm(queue, now);
    } else {
        read_reported(state, queue, found.jobs.back().offset + 1, round);
    }
    queue.job_reads.end();
}

}  // namespace baton::core
