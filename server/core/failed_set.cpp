// Putting failed messages back: a task in slices, one read a step, so that a set of any size holds up nobody.
#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

namespace {

constexpr std::uint32_t slice_records = 256;

/// The record as it waits again: at its old place, ready at once.
void put_back(State& state, Queue& queue, MessageRecord&& record, bool keep_counters, TimeMs now, Round& round) {
    const std::uint64_t bytes = record.body.size_of(0);
    round.mutations.push_back(
        RemoveLaneRecord{queue.ns, queue.id, Lane::failed, queue.failed_generation, record.at, record.offset});
    queue.job_reads.changed(record.offset);
    queue.failed_count -= 1;
    queue.failed_bytes -= bytes;
    queue.live_bytes += bytes;
    round.bytes += bytes;
    auto meta = std::make_shared<MessageMeta>();
    if (record.meta) {
        *meta = *record.meta;
    }
    meta->cause = Cause::retried;
    meta->expires_at = 0;  // A person asked for it: its old time to live no longer counts.
    if (!keep_counters) {
        meta->counters = {};
    }
    record.meta = std::move(meta);
    record.reason = EndReason::none;
    record.at = now;
    put_lane_record(state, queue, std::move(record), true, round);
}

void finish(Queue& queue, const Task& task, Round& round) {
    queue.task_running = false;
    reply(task.origin, Counted{task.counted}, round);
}

/// Asks for the next slice, or ends the task.
void read_on(State& state, Queue& queue, std::unique_ptr<Task> task, Round& round) {
    const auto& offsets = std::get<RetryFailed>(task->origin.body).offsets;
    if (!offsets.empty()) {
        if (task->listed_done == offsets.size()) {
            finish(queue, *task, round);
            return;
        }
        task->from = offsets[task->listed_done];
    }
    task->version = queue.job_reads.begin();
    const LaneKey from{0, task->from};
    state.read_lane(queue, Lane::failed, from, offsets.empty() ? slice_records : 1,
                    PendingRead{queue.id, StepTask{std::move(task)}}, round);
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
    queue->task_running = true;
    auto task = std::make_unique<Task>();
    task->queue = queue->id;
    task->generation = queue->failed_generation;
    task->upto = queue->end;
    task->origin = std::move(request);
    read_on(state, *queue, std::move(task), round);
}

void step_retry_failed(State& state, Queue& queue, std::unique_ptr<Task> task, LaneRead&& found, TimeMs now,
                       Round& round) {
    const auto as_read = [&, version = task->version](const MessageRecord& record) {
        return queue.job_reads.holds(record.offset, version);  // Else removed, or gone in another way, meanwhile.
    };
    if (task->generation != queue.failed_generation) {
        queue.job_reads.end();
        finish(queue, *task, round);  // Purged meanwhile.
        return;
    }
    const RetryFailed& retry = std::get<RetryFailed>(task->origin.body);
    if (!retry.offsets.empty()) {
        const Offset wanted = retry.offsets[task->listed_done++];
        if (!found.records.empty() && found.records.front().offset == wanted && as_read(found.records.front())) {
            put_back(state, queue, std::move(found.records.front()), retry.keep_counters, now, round);
            task->counted.messages += 1;
        } else {
            task->counted.skipped += 1;
        }
        read_on(state, queue, std::move(task), round);
        queue.job_reads.end();
        return;
    }
    for (MessageRecord& record : found.records) {
        task->from = record.offset + 1;
        if (as_read(record)) {
            put_back(state, queue, std::move(record), retry.keep_counters, now, round);
            task->counted.messages += 1;
        }
    }
    if (found.at_end || found.records.empty()) {
        queue.job_reads.end();
        finish(queue, *task, round);
        return;
    }
    read_on(state, queue, std::move(task), round);
    queue.job_reads.end();
}

}  // namespace baton::core
