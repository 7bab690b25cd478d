// What holders say of their jobs. A stale token is refused as a settle with it would be.
#include "server/core/reports.hpp"

#include "server/core/lease_tokens.hpp"
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace baton::core {

namespace {

struct Holder {
    Token token;
    Offset offset = 0;
};

Holder holder_in(const RequestBody& body) {
    if (const auto* progress = std::get_if<SetProgress>(&body)) {
        return {progress->token, progress->offset};
    }
    if (const auto* append = std::get_if<AppendLog>(&body)) {
        return {append->token, append->offset};
    }
    if (const auto* clear = std::get_if<ClearLog>(&body)) {
        return {clear->token, clear->offset};
    }
    if (const auto* wait = std::get_if<WaitChildren>(&body)) {
        return {wait->token, wait->offset};
    }
    const auto& data = std::get<SetData>(body);
    return {data.token, data.offset};
}

Refusal not_held(RefusalCode code) { return {code, "the token does not hold the message", "token"}; }

std::optional<Refusal> check_lines(const AppendLog& append) {
    if (append.lines.empty() || append.lines.size() > limits::log_lines_max) {
        return invalid("append_log.lines", "a request appends 1 to 1000 lines", limits::log_lines_max);
    }
    std::size_t bytes = 0;
    for (const std::string& line : append.lines) {
        if (line.size() > limits::log_line_bytes_max) {
            return invalid("append_log.lines", "a line has at most 4 KiB", limits::log_line_bytes_max);
        }
        bytes += line.size();
    }
    if (bytes > limits::log_bytes_max) {
        return invalid("append_log.lines", "the lines of a request have at most 64 KiB", limits::log_bytes_max);
    }
    return std::nullopt;
}

std::optional<Refusal> check_report(const Queue& queue, const RequestBody& body) {
    if (std::holds_alternative<SetData>(body) || std::holds_alternative<WaitChildren>(body)) {
        return queue.keys ? std::optional(Refusal{RefusalCode::wrong_kind,
                                                  "messages of a key-shared subscription stay as they are in its topic",
                                                  "token"})
                          : std::nullopt;
    }
    if (queue.profile != Profile::job) {
        return Refusal{RefusalCode::wrong_profile, "only a queue of profile job keeps what its jobs say", "token"};
    }
    if (const auto* append = std::get_if<AppendLog>(&body)) {
        return check_lines(*append);
    }
    if (const auto* progress = std::get_if<SetProgress>(&body);
        progress != nullptr && progress->value.size() > limits::progress_bytes_max) {
        return invalid("set_progress.value", "a progress has at most 4 KiB", limits::progress_bytes_max);
    }
    return std::nullopt;
}

void set_progress(State& state, Queue& queue, const Request& request, TimeMs now, Round& round) {
    const auto& set = std::get<SetProgress>(request.body);
    queue.reports.any = true;
    state.touch(queue, round);
    auto progress = std::make_shared<const JobProgress>(JobProgress{now, set.value});
    round.bytes += set.value.size();
    round.mutations.push_back(PutProgress{queue.ns, queue.id, set.offset, std::move(progress)});
    if (queue.keeps_events()) {
        add_event(state, queue, EventType::progress, set.offset, 1, round,
                  std::make_shared<const EventDetail>(EventDetail{{}, set.value}));
    }
    reply(request, Done{}, round);
}

/// Of a job that was never leased before, and not retried, nothing can be stored.
bool is_first_lease(const State& state, const LeaseBatch& batch, Offset offset) {
    if (batch.restart_hold || batch.epoch != state.options.epoch) {
        return false;
    }
    const auto detail = batch.details.find(batch.position_of(*batch.run_of(offset), offset));
    return detail == batch.details.end() ||
           (detail->second.counters.deliveries == 1 && detail->second.cause == Cause::none);
}

/// The log of a leased job; null when it has to be read first.
JobLog* log_of(State& state, Queue& queue, const LeaseBatch& batch, Offset offset) {
    auto& logs = queue.reports.logs;
    if (const auto known = logs.find(offset); known != logs.end()) {
        return &known->second;
    }
    if (state.found_log && state.found_log->first == offset) {
        return &logs.emplace(offset, std::move(state.found_log->second)).first->second;
    }
    if (!queue.reports.any || is_first_lease(state, batch, offset)) {
        return &logs[offset];
    }
    return nullptr;
}

void read_log(State& state, Queue& queue, Offset offset, Request&& request, Round& round) {
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket,
                        PendingRead{queue.id, LoadLog{std::move(request), offset, queue.reports.reads.begin()}});
    round.reads.push_back({ticket, ReadReport{queue.ns, queue.id, offset}});
}

void change_log(State& state, Queue& queue, const LeaseBatch& batch, Request&& request, TimeMs now, Round& round) {
    const Offset offset = holder_in(request.body).offset;
    JobLog* log = log_of(state, queue, batch, offset);
    if (log == nullptr) {
        read_log(state, queue, offset, std::move(request), round);
        return;
    }
    const std::uint64_t first = log->first_line();
    std::uint64_t lines_max = limits::log_lines_max;
    if (auto* append = std::get_if<AppendLog>(&request.body)) {
        queue.reports.any = true;
        for (const std::string& line : append->lines) {
            round.bytes += line.size();
        }
        const std::uint64_t next = log->next_line();
        log->append(append->lines);
        round.mutations.push_back(PutLogPart{queue.ns, queue.id, offset, {next, now, std::move(append->lines)}});
    } else {
        lines_max = std::min(lines_max, std::get<ClearLog>(request.body).keep);
    }
    for (const std::uint64_t part : log->drop_beyond(lines_max, limits::log_bytes_max)) {
        round.mutations.push_back(RemoveLogPart{queue.ns, queue.id, offset, part});
    }
    if (log->first_line() != first) {
        round.mutations.push_back(PutLogBounds{queue.ns, queue.id, offset, log->first_line(), log->next_line()});
    }
    queue.reports.reads.changed(offset);
    state.touch(queue, round);
    reply(request, LogBounds{log->lines(), log->next_line()}, round);
}

}  // namespace

void apply_report_request(State& state, Request&& request, TimeMs now, Round& round) {
    const Holder holder = holder_in(request.body);
    Queue* queue = state.find(holder.token.queue);
    if (queue == nullptr) {
        reply(request, not_held(RefusalCode::queue_deleted), round);
        return;
    }
    if (auto fault = check_report(*queue, request.body)) {
        reply(request, std::move(*fault), round);
        return;
    }
    if (queue->attaching != 0 && holder.token.epoch < state.options.epoch) {
        queue->waiting_attach.push_back(std::move(request));
        return;
    }
    LeaseBatch* batch = batch_of(state, *queue, holder.token);
    if (batch == nullptr || !token_holds(*queue, *batch, holder.token, holder.offset)) {
        const bool known = holder.offset < queue->end;
        const RefusalCode code =
            known ? why_not_held(state, *queue, holder.token, holder.offset) : RefusalCode::token_unknown;
        reply(request, not_held(code), round);
        return;
    }
    if (std::holds_alternative<SetData>(request.body)) {
        set_data(state, *queue, *batch, std::move(request), now, round);
    } else if (std::holds_alternative<WaitChildren>(request.body)) {
        wait_children(state, *queue, *batch, std::move(request), now, round);
    } else if (std::holds_alternative<SetProgress>(request.body)) {
        set_progress(state, *queue, request, now, round);
    } else {
        change_log(state, *queue, *batch, std::move(request), now, round);
    }
}

void log_arrived(State& state, QueueId id, LoadLog&& load, ReportRead&& found, TimeMs now, Round& round) {
    Queue* queue = state.find(id);
    if (queue != nullptr && queue->reports.reads.holds(load.offset, load.version)) {
        state.found_log.emplace(load.offset, JobLog(found));
    }
    dispatch(state, std::move(load.parked), now, round);
    state.found_log.reset();
    if (queue != nullptr) {
        queue->reports.reads.end();
    }
}

void forget_reports(Queue& queue, const OffsetRange& jobs, Round& round) {
    if (!queue.reports.any || planted(PlantedBug::report_outlives_job)) {
        return;
    }
    auto& logs = queue.reports.logs;
    logs.erase(logs.lower_bound(jobs.first), logs.lower_bound(jobs.first + jobs.count));
    for (std::uint32_t i = 0; i < jobs.count; ++i) {
        queue.reports.reads.changed(jobs.first + i);
    }
    round.mutations.push_back(RemoveReports{queue.ns, queue.id, jobs});
}

void leave_logs(Queue& queue, const LeaseBatch& batch, std::uint32_t position, std::uint32_t count) {
    for (const LeasedRun& run : batch.runs) {
        const std::uint32_t from = std::max(position, run.position);
        const std::uint32_t to = std::min(position + count, run.position + run.count);
        for (std::uint32_t at = from; at < to; ++at) {
            queue.reports.logs.erase(run.first + (at - run.position));
        }
    }
}

}  // namespace baton::core
