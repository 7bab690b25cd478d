// Messages named by their ids: shown, changed, promoted, removed. What is leased belongs to its holder and is refused.
#include "server/core/jobs.hpp"

#include "server/core/flows.hpp"
#include "server/core/job_change.hpp"
#include "server/core/job_lookup.hpp"
#include "server/core/job_names.hpp"
#include "server/core/job_wait.hpp"
#include "server/core/key_shared.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/names.hpp"
#include "server/core/outcome.hpp"
#include "server/core/state.hpp"
#include "server/core/stored_message.hpp"
#include "server/core/why.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

void show(State& state, Queue& queue, Request&& request, const FoundJob& job, Round& round) {
    StoredMessage message = shown(job.record, state_as_told(job));
    if (job.batch != nullptr) {
        add_lease(message, *job.batch, job.position);
    }
    show_report(state, queue, std::move(request), std::move(message), round);
}

void change_job(State& state, Queue& queue, const Request& request, FoundJob&& job, TimeMs now, Round& round) {
    if (auto fault = check_changeable(job)) {
        reply(request, as_named(request.body, std::move(*fault)), round);
        return;
    }
    change_found(state, queue, std::get<ChangeJob>(request.body), std::move(job), now, round);
    reply(request, Done{}, round);
}

void promote_job(State& state, Queue& queue, const Request& request, FoundJob&& job, TimeMs now, Round& round) {
    if (job.state != MessageState::delayed) {
        reply(request, as_named(request.body, wrong_state(job.state, "a delayed one can be promoted")), round);
        return;
    }
    const JobFilterPtr& only = std::get<PromoteJob>(request.body).only;
    if (only && !matches(*only, queue.id, shown(job.record, job.state))) {
        reply(request, wrong_state(job.state, "one that the filter means can be promoted"), round);
        return;
    }
    if (job.plain) {
        promote_in_place(state, queue, job.record.offset, round);
        reply(request, Done{}, round);
        return;
    }
    MessageRecord record = take_job(state, queue, std::move(job), round);
    change_due(record, now);
    put_ready(state, queue, std::move(record), now, round);
    reply(request, Done{}, round);
}

void remove_job(State& state, Queue& queue, RemoveJobs& remove, Offset offset, FoundJob&& job, TimeMs now,
                Round& round) {
    if (job.state == MessageState::leased) {
        remove.refused.emplace_back(offset, wrong_state(job.state, "one that nobody holds can be removed"));
        return;
    }
    if (remove.only && !matches(*remove.only, queue.id, shown(job.record, job.state))) {
        remove.refused.emplace_back(offset, wrong_state(job.state, "one that the filter means can be removed"));
        return;
    }
    const bool live = !is_finished(job.state);
    const bool completed = job.state == MessageState::completed;
    // What was acked is counted already, and its names are free.
    std::uint64_t& total = completed ? queue.totals.retired : queue.totals.purged;
    const MessageRecord record = take_job(state, queue, std::move(job), round);
    if (!completed) {
        names_ended(state, queue, record.meta, offset, NameEnding::removed, now, round);
    }
    queue.lane_fences.erase(offset);
    queue.live_bytes -= live ? record.body.size_of(0) : 0;
    if (remove.detach) {
        detach(state, queue, record.meta);
    }
    if (queue.watched()) {
        ended(state, queue, {JobOutcome::removed, offset, 1, "", nullptr, record.meta}, round);
    }
    total += 1;
    remove.removed += 1;
}

/// Removes what it can; what must be read first parks the request with the rest.
void remove_jobs(State& state, Queue& queue, Request&& request, TimeMs now, Round& round) {
    RemoveJobs& remove = std::get<RemoveJobs>(request.body);
    std::vector<Offset> in_chunks, in_records;
    for (const Offset offset : std::exchange(remove.offsets, {})) {
        JobLookup found = look_up_job(state, queue, offset, now);
        if (auto* job = std::get_if<FoundJob>(&found)) {
            remove_job(state, queue, remove, offset, std::move(*job), now, round);
        } else if (auto* refusal = std::get_if<Refusal>(&found)) {
            remove.refused.emplace_back(offset, std::move(*refusal));
        } else {
            (std::get<UnreadJob>(found) == UnreadJob::chunk ? in_chunks : in_records).push_back(offset);
        }
    }
    remove.offsets = in_chunks;
    remove.offsets.insert(remove.offsets.end(), in_records.begin(), in_records.end());
    if (!in_chunks.empty()) {
        state.read_chunks(queue, in_chunks.front(), std::move(request), round);
    } else if (!in_records.empty()) {
        read_jobs(state, queue, std::move(in_records), std::move(request), round);
    } else {
        tell_by_id(remove.own, remove.refused);
        reply(request, JobsRemoved{remove.removed, std::move(remove.refused), std::move(remove.own.refused)}, round);
    }
}

void apply_to_one(State& state, Queue& queue, Offset offset, Request&& request, TimeMs now, Round& round) {
    JobLookup found = look_up_job(state, queue, offset, now);
    if (auto* refusal = std::get_if<Refusal>(&found)) {
        if (std::holds_alternative<WaitJob>(request.body)) {
            wait_for_none(state, queue, request, std::move(*refusal), round);
        } else {
            reply(request, as_named(request.body, std::move(*refusal)), round);
        }
    } else if (const auto* unread = std::get_if<UnreadJob>(&found)) {
        if (*unread == UnreadJob::chunk) {
            state.read_chunks(queue, offset, std::move(request), round);
        } else {
            read_jobs(state, queue, {offset}, std::move(request), round);
        }
    } else if (std::holds_alternative<ShowJob>(request.body) || std::holds_alternative<ListLog>(request.body)) {
        show(state, queue, std::move(request), std::get<FoundJob>(found), round);
    } else if (std::holds_alternative<WhyJob>(request.body)) {
        explain_job(state, queue, request, std::get<FoundJob>(found), now, round);
    } else if (std::holds_alternative<WaitJob>(request.body)) {
        wait_for_found(state, queue, std::move(request), std::get<FoundJob>(found), round);
    } else if (std::holds_alternative<ChangeJob>(request.body)) {
        change_job(state, queue, request, std::move(std::get<FoundJob>(found)), now, round);
    } else {
        promote_job(state, queue, request, std::move(std::get<FoundJob>(found)), now, round);
    }
}

const std::string& queue_name(const RequestBody& body) {
    if (const auto* show_one = std::get_if<ShowJob>(&body)) {
        return show_one->queue;
    }
    if (const auto* change = std::get_if<ChangeJob>(&body)) {
        return change->queue;
    }
    if (const auto* promote = std::get_if<PromoteJob>(&body)) {
        return promote->queue;
    }
    if (const auto* wait = std::get_if<WaitJob>(&body)) {
        return wait->queue;
    }
    if (const auto* log = std::get_if<ListLog>(&body)) {
        return log->queue;
    }
    if (const auto* why = std::get_if<WhyJob>(&body)) {
        return why->queue;
    }
    return std::get<RemoveJobs>(body).queue;
}

std::optional<Refusal> check(const RequestBody& body, const Queue& queue) {
    if (const auto* change = std::get_if<ChangeJob>(&body)) {
        return check_change(*change, queue);
    }
    if (const auto* wait = std::get_if<WaitJob>(&body)) {
        if (wait->timeout_ms < 0 || wait->timeout_ms > limits::job_wait_ms_max) {
            return invalid("wait_job.timeout_ms", "timeout_ms is from 0 to a day",
                           static_cast<std::uint64_t>(limits::job_wait_ms_max));
        }
        if (!queue.settings.keep_completed) {
            return Refusal{RefusalCode::results_not_kept, "the queue keeps no completed messages: set keep_completed",
                           "wait_job.queue"};
        }
    }
    if (const auto* log = std::get_if<ListLog>(&body)) {
        return check_list(*log, queue);
    }
    if (const auto* remove = std::get_if<RemoveJobs>(&body)) {
        // Those that were found by their ids are among the offsets, and then among what became of these.
        const std::size_t named = remove->offsets.size() + remove->own.ids.size() + remove->removed +
                                  remove->refused.size() + remove->own.refused.size();
        if (named == 0 || named > limits::jobs_per_request_max) {
            return invalid("remove_jobs.offsets", "a request names 1 to 1000 messages", limits::jobs_per_request_max);
        }
    }
    return std::nullopt;
}

}  // namespace

void apply_job_request(State& state, Request&& request, TimeMs now, Round& round) {
    Queue* queue = state.find(request.ns, queue_name(request.body));
    if (queue == nullptr) {
        reply(request, no_such_queue(queue_name(request.body)), round);
        return;
    }
    if (auto fault = check(request.body, *queue)) {
        reply(request, std::move(*fault), round);
        return;
    }
    if (auto* wait = std::get_if<WaitJob>(&request.body); wait != nullptr && wait->deadline == 0) {
        wait->deadline = now + wait->timeout_ms;
    }
    if (queue->attaching != 0) {
        queue->waiting_attach.push_back(std::move(request));
        return;
    }
    if (!find_by_id(state, *queue, request, round)) {
        return;
    }
    close_chunks(state, *queue, round);
    promote_due(state, *queue, now, round);
    if (std::holds_alternative<RemoveJobs>(request.body)) {
        remove_jobs(state, *queue, std::move(request), now, round);
    } else {
        const Offset offset = named_offset(request.body);
        apply_to_one(state, *queue, offset, std::move(request), now, round);
    }
}

}  // namespace baton::core
