#pragma once
// What running jobs say about themselves: by whom it may be said, how it is kept, shown and forgotten. Included by the
// core's sources only.

#include "server/core/effect.hpp"
#include "server/core/ids.hpp"
#include "server/core/job_log.hpp"
#include "server/core/job_reads.hpp"
#include "server/core/job_report.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace baton::core {

struct LeaseBatch;
struct Queue;
struct Round;
struct State;

/// The reports of one queue as memory has them.
struct Reports {
    /// Some job has said something: there may be records. On disk, with the queue's state.
    bool any = false;
    /// A purge may have left records of jobs that are gone: all of them are looked at. On disk, with the queue's state.
    bool to_sweep = false;
    /// Logs that were appended to in the present lease of their job.
    std::map<Offset, JobLog> logs;
    JobReads reads;
    bool sweeping = false;
    /// A purge came while the sweep went on.
    bool sweep_again = false;
};

/// Requests of holders: progress, log, data, and waiting for children.
void apply_report_request(State& state, Request&& request, TimeMs now, Round& round);
/// A new body for a leased message. set_data.cpp
void set_data(State& state, Queue& queue, LeaseBatch& batch, Request&& request, TimeMs now, Round& round);
/// The job gives up its lease until its children are over. wait_children.cpp
void wait_children(State& state, Queue& queue, LeaseBatch& batch, Request&& request, TimeMs now, Round& round);
/// Why the record of a message cannot change: it is held since before a restart. set_data.cpp
Refusal held_since_before_restart();

/// A log is read for the request that needs it.
struct LoadLog {
    Request parked;
    Offset offset = 0;
    std::uint64_t version = 0;
};
/// A report is read to be shown: with `shown`, or as a page of its log.
struct AnswerReport {
    Request origin;
    StoredMessage shown;
};
void log_arrived(State& state, QueueId id, LoadLog&& load, ReportRead&& found, TimeMs now, Round& round);
/// Only queues of profile job keep reports.
std::optional<Refusal> check_list(const ListLog& list, const Queue& queue);
/// Shows a job with what it said. report_answers.cpp
void show_report(State& state, Queue& queue, Request&& request, StoredMessage&& shown, Round& round);
void report_arrived(State& state, const Queue& queue, AnswerReport&& answer, ReportRead&& found, Round& round);

/// These jobs are gone, and what they said goes along.
void forget_reports(Queue& queue, const OffsetRange& jobs, Round& round);
/// Leases [position, position + count) of the batch end: their logs need not be known any more.
void leave_logs(Queue& queue, const LeaseBatch& batch, std::uint32_t position, std::uint32_t count);

/// Looks for reports of jobs that a purge took, a slice at a time. report_sweep.cpp
void run_report_sweep(State& state, Queue& queue, Round& round);
struct SweepReports {
    std::uint64_t version = 0;
};
void sweep_reports(State& state, Queue& queue, const SweepReports& step, ReportedRead&& found, TimeMs now,
                   Round& round);

}  // namespace baton::core
