// Putting failed and completed messages back: a task in slices, one read a step, so that a set of any size holds up
// nobody.
#include "server/core/finished_log.hpp"
#include "server/core/flows.hpp"
#include "server/core/job_names.hpp"
#include "server/core/limits.hpp"
#include "server/core/state.hpp"
#include "server/core/stored_message.hpp"

#include <algorithm>

namespace baton::core {

namespace {

constexpr std::uint32_t slice_records = 256;

Lane set_of(const RetryFailed& retry) { return retry.completed ? Lane::completed : Lane::failed; }

/// The record as it waits again: at its old place, ready at once.
void put_back(State& state, Queue& queue, MessageRecord&& record, bool keep_counters, TimeMs now, Round& round) {
    const std::uint64_t bytes = record.body.size_of(0);
    const bool named = record.lane != Lane::completed;
    leave_finished(state, queue, record, round);
    flows_hear_retry(state, queue, record.meta);
    queue.live_bytes += bytes;
    round.bytes += bytes;
    auto meta = std::make_shared<MessageMeta>();
    if (record.meta) {
        *meta = *record.meta;
    }
    meta->cause = Cause::retried;
    // It may stand at the place at which it was leased before: a lease record of then is not to hold it after a
    // restart.
    meta->fence = queue.next_batch - 1;
    meta->identity = named ? meta->identity : nullptr;  // What was done has given up its names.
    meta->expires_at = 0;                               // A person asked for it: its old time to live no longer counts.
    if (!keep_counters) {
        meta->counters = {};
    }
    if (queue.keys) {
        meta->priority = 0;  // What it was given before the subscription was shared by key, which knows places only.
        meta->lifo = false;
        meta->front = 0;
    }
    record.meta = std::move(meta);
    const bool by_child = record.reason == EndReason::child_failed;
    record.reason = EndReason::none;
    record.finished_seq = 0;
    record.completion = nullptr;
    record.at = now;
    if (by_child && record.meta->has_flow) {
        retry_parent(state, queue, std::move(record), round);
    } else {
        put_lane_record(state, queue, std::move(record), true, round);
    }
}

void finish(Queue& queue, const Task& task, Round& round) {
    queue.task_running = false;
    reply(task.origin, Counted{task.counted}, round);
}

/// Asks for the next slice, or ends the task.
void read_on(State& state, Queue& queue, std::unique_ptr<Task> task, Round& round) {
    const RetryFailed& retry = std::get<RetryFailed>(task->origin.body);
    const auto& offsets = retry.offsets;
    if (!offsets.empty() && task->listed_done == offsets.size()) {
        finish(queue, *task, round);
        return;
    }
    task->version = queue.job_reads.begin();
    if (offsets.empty()) {
        const Lane set = set_of(retry);
        const LaneKey from{0, task->from};
        state.read_lane(queue, set, from, slice_records, PendingRead{queue.id, StepTask{std::move(task)}}, round);
        return;
    }
    const auto first = offsets.begin() + static_cast<std::ptrdiff_t>(task->listed_done);
    const std::size_t count = std::min<std::size_t>(slice_records, offsets.size() - task->listed_done);
    ReadJobs read{queue.ns,
                  queue.id,
                  queue.lane_generation,
                  queue.failed_generation,
                  {first, first + static_cast<std::ptrdiff_t>(count)},
                  queue.completed_generation};
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{queue.id, StepTask{std::move(task)}});
    round.reads.push_back({ticket, std::move(read)});
}

/// Of a task: the filter means it still.
bool is_meant(const Queue& queue, const RetryFailed& retry, const MessageRecord& record) {
    const MessageState state = record.lane == Lane::failed ? MessageState::failed : MessageState::completed;
    return !retry.only || matches(*retry.only, queue.id, shown(record, state));
}

}  // namespace

void start_retry_failed(State& state, Request&& request, TimeMs now, Round& round) {
    (void)now;
    const RetryFailed& retry = std::get<RetryFailed>(request.body);
    Queue* queue = state.find(request.ns, retry.queue);
    if (queue == nullptr) {
        reply(request, no_such_queue(retry.queue), round);
        return;
    }
    if (queue->task_running) {
        reply(request,
              Refusal{RefusalCode::busy, "another retry or redrive of this queue is running", "", 0, true, 100}, round);
        return;
    }
    const bool named = retry.own.size() != 0;
    if (!find_by_id(state, *queue, request, round)) {
        return;
    }
    const std::size_t unknown = retry.own.refused.size();
    if (named && retry.offsets.empty()) {
        reply(request, Counted{0, unknown}, round);
        return;
    }
    queue->task_running = true;
    auto task = std::make_unique<Task>();
    task->queue = queue->id;
    task->generation = queue->failed_generation;
    task->completed_generation = queue->completed_generation;
    task->upto = queue->end;
    task->counted.skipped = unknown;
    task->origin = std::move(request);
    read_on(state, *queue, std::move(task), round);
}

void step_retry_failed(State& state, Queue& queue, std::unique_ptr<Task> task, LaneRead&& found, TimeMs now,
                       Round& round) {
    const bool purged =
        task->generation != queue.failed_generation || task->completed_generation != queue.completed_generation;
    const RetryFailed& retry = std::get<RetryFailed>(task->origin.body);
    std::uint64_t taken = 0;
    for (MessageRecord& record : found.records) {
        task->from = record.offset + 1;
        const bool finished = record.lane == Lane::failed || record.lane == Lane::completed;
        // Else removed, or gone in another way, meanwhile; or its body was not kept.
        if (!purged && finished && record.body.count == 1 && queue.job_reads.holds(record.offset, task->version) &&
            is_meant(queue, retry, record)) {
            put_back(state, queue, std::move(record), retry.keep_counters, now, round);
            ++taken;
        } else if (retry.offsets.empty()) {
            task->counted.skipped += 1;
        }
    }
    // At once: a flow that is read meanwhile would come without the parent that waits again.
    run_flows(state, now, round);
    task->counted.messages += taken;
    if (!retry.offsets.empty()) {
        const std::uint64_t asked = std::min<std::uint64_t>(slice_records, retry.offsets.size() - task->listed_done);
        task->listed_done += asked;
        task->counted.skipped += asked - taken;
    }
    const bool over = purged || (retry.offsets.empty() && (found.at_end || found.records.empty()));
    if (over) {
        queue.job_reads.end();
        finish(queue, *task, round);
        return;
    }
    read_on(state, queue, std::move(task), round);
    queue.job_reads.end();
}

}  // namespace baton::core
