// Redrive: waiting messages of a dead-letter queue go back to where they came from, or to one queue; a task in slices.
#include "server/core/jobs.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/names.hpp"
#include "server/core/outcome.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <algorithm>

namespace baton::core {

namespace {

constexpr std::uint32_t slice_messages = 1'024;

/// The queue that a message goes to; null when its origin is gone or unknown.
Queue* destination_of(State& state, const Task& task, const MetaPtr& meta) {
    const Redrive& redrive = std::get<Redrive>(task.origin.body);
    if (!redrive.destination.empty()) {
        return state.find(task.origin.ns, redrive.destination);
    }
    if (!meta || !meta->origin) {
        return nullptr;
    }
    Queue* by_id = state.find(meta->origin->queue_id);
    return by_id != nullptr ? by_id : state.find(task.origin.ns, meta->origin->queue);
}

MetaPtr moved_meta(const Queue& from, Offset offset, TimeMs stored_at, const MetaPtr& meta, bool keep, TimeMs now) {
    auto origin = std::make_shared<Origin>();
    origin->queue = from.name;
    origin->queue_id = from.id;
    origin->offset = offset;
    origin->stored_at = stored_at;
    origin->moved_at = now;
    auto moved = std::make_shared<MessageMeta>();
    moved->cause = Cause::redriven;
    if (meta && meta->origin) {
        origin->attempts = meta->origin->attempts;
        origin->counters = meta->origin->counters;
        origin->reason = meta->origin->reason;
        origin->max_attempts = meta->origin->max_attempts;
        origin->backoff = meta->origin->backoff;
        origin->run_limit_ms = meta->origin->run_limit_ms;
        moved->attempts = meta->origin->attempts;
        if (keep) {
            moved->counters = meta->origin->counters;
        }
    }
    moved->max_attempts = origin->max_attempts;
    moved->backoff = origin->backoff;
    moved->run_limit_ms = origin->run_limit_ms;
    origin->priority = meta && meta->priority != 0 ? meta->priority : meta && meta->origin ? meta->origin->priority : 0;
    moved->priority = origin->priority;
    moved->group = has_group(meta) ? meta->group : meta && meta->origin ? make_group(meta->origin->group) : nullptr;
    origin->group = moved->group ? moved->group->name : "";
    moved->scheduled = meta ? meta->scheduled : nullptr;
    moved->origin = std::move(origin);
    return moved;
}

bool enough(const Task& task) {
    const std::uint64_t most = std::get<Redrive>(task.origin.body).max_messages;
    return most != 0 && task.counted.messages >= most;
}

/// A restart holds what may have been delivered without looking into its chunk: what counts so far has a record.
void record_counters(Queue& queue, Offset offset, const MessageMeta& meta, Round& round) {
    queue.returned[offset] = {meta.counters, meta.cause, meta.attempts, 0};
    round.mutations.push_back(PutReturned{queue.ns, queue.id, offset, meta.counters, meta.cause, meta.attempts, 0});
}

/// Appends to the destination and counts; the caller takes the message from its source.
bool move_one(State& state, Queue& from, Task& task, Offset offset, TimeMs stored_at, const MetaPtr& meta,
              const EntryRun& body, TimeMs now, Round& round) {
    Queue* to = destination_of(state, task, meta);
    if (to == nullptr || to == &from || to->kind != QueueKind::queue) {
        task.counted.skipped += 1;
        return false;
    }
    const bool keep = std::get<Redrive>(task.origin.body).keep_counters;
    MetaPtr moved = moved_meta(from, offset, stored_at, meta, keep, now);
    if (is_ranked(*to, moved)) {
        store_in_lane(state, *to, body, std::move(moved), now, now, round);
    } else {
        if (moved->counters.deliveries != 0 || !moved->attempts.empty()) {
            record_counters(*to, to->end, *moved, round);
        }
        append_run(state, *to, body, now, round, std::nullopt, moved);
    }
    if (from.watched()) {
        ended(state, from, {JobOutcome::removed, offset, 1, "redriven to " + to->name, nullptr, meta}, round);
    }
    to->totals.produced += 1;
    from.live_bytes -= body.size_of(0);
    from.totals.dead_lettered += 1;
    state.touch(from, round);
    task.counted.messages += 1;
    return true;
}

void redrive_lane(State& state, Queue& queue, Task& task, TimeMs now, Round& round) {
    std::vector<Offset> offsets;
    for (const auto& [place, record] : queue.lane.ready()) {
        offsets.push_back(record.offset);
    }
    for (const Offset offset : offsets) {
        if (enough(task)) {
            return;
        }
        MessageRecord record = *take_ready(queue, offset);
        if (move_one(state, queue, task, offset, record.stored_at, record.meta, record.body, now, round)) {
            queue.lane_fences.erase(offset);
            remove_lane_record(queue, record, round);
            names_ended(state, queue, record.meta, record.offset, NameEnding::finished, now, round);
        } else {
            insert_ready(queue, std::move(record));
        }
    }
}

void read_lane_on(State& state, Queue& queue, std::unique_ptr<Task> task, Round& round) {
    task->version = queue.job_reads.begin();
    const LaneKey from = task->lane_from;
    const Lane lane = task->lane;
    state.read_lane(queue, lane, from, slice_messages, PendingRead{queue.id, StepTask{std::move(task)}}, round);
}

}  // namespace

void start_redrive(State& state, Request&& request, TimeMs now, Round& round) {
    const Redrive& redrive = std::get<Redrive>(request.body);
    Queue* queue = state.find(request.ns, redrive.queue);
    if (queue == nullptr) {
        reply(request, no_such_queue(redrive.queue), round);
        return;
    }
    if (!redrive.destination.empty() && state.find(request.ns, redrive.destination) == nullptr) {
        reply(request, no_such_queue(redrive.destination), round);
        return;
    }
    const Queue* destination = state.find(request.ns, redrive.destination);
    if (queue->kind == QueueKind::topic || (destination != nullptr && destination->kind != QueueKind::queue)) {
        refuse(request, RefusalCode::wrong_kind, "messages are moved from queues and subscriptions into queues",
               "redrive.destination", round);
        return;
    }
    if (redrive.destination == redrive.queue) {
        reply(request, invalid("redrive.destination", "the destination is the queue itself"), round);
        return;
    }
    if (queue->task_running) {
        reply(request,
              Refusal{RefusalCode::busy, "another retry or redrive of this queue is running", "", 0, true, 100}, round);
        return;
    }
    queue->task_running = true;
    close_chunks(state, *queue, round);
    auto task = std::make_unique<Task>();
    task->queue = queue->id;
    task->upto = queue->end;
    task->generation = queue->lane_generation;
    task->lane_from = {INT64_MIN, 0, INT64_MIN};
    task->origin = std::move(request);
    redrive_lane(state, *queue, *task, now, round);
    if (queue->prioritized_waiting() != 0 || queue->grouped_waiting() != 0) {
        read_lane_on(state, *queue, std::move(task), round);
    } else {
        step_redrive(state, *queue, std::move(task), now, round);
    }
}

void step_redrive_lane(State& state, Queue& queue, std::unique_ptr<Task> task, LaneRead&& found, TimeMs now,
                       Round& round) {
    const bool purged = task->generation != queue.lane_generation;
    for (const MessageRecord& record : found.records) {
        const LaneKey key = key_of(task->lane, record);
        task->lane_from = {key.at, key.offset + 1, key.rank, key.group};
        const bool as_read =
            queue.job_reads.holds(record.offset, task->version) && !queue.is_out(task->lane, record.offset);
        if (!purged && as_read && !enough(*task) &&
            move_one(state, queue, *task, record.offset, record.stored_at, record.meta, record.body, now, round)) {
            queue.lane_fences.erase(record.offset);
            remove_lane_record(queue, record, round);
            names_ended(state, queue, record.meta, record.offset, NameEnding::finished, now, round);
        }
    }
    bool over = purged || found.at_end || found.records.empty() || enough(*task);
    if (over && task->lane == Lane::prioritized && queue.grouped_waiting() != 0) {
        task->lane = Lane::grouped;
        task->lane_from = {INT64_MIN, 0, INT64_MIN};
        over = purged || enough(*task);
    }
    if (over) {
        step_redrive(state, queue, std::move(task), now, round);
    } else {
        read_lane_on(state, queue, std::move(task), round);
    }
    queue.job_reads.end();
}

void step_redrive(State& state, Queue& queue, std::unique_ptr<Task> task, TimeMs now, Round& round) {
    close_chunks(state, queue, round);
    Offset offset = queue.acks.next_clear(task->from);
    std::uint32_t done = 0;
    for (; offset < task->upto && !enough(*task); offset = queue.acks.next_clear(offset + 1)) {
        if (offset < queue.next && !queue.waiting_again.contains(offset)) {
            continue;  // Leased.
        }
        if (queue.keys && queue.keys->not_before(offset) != 0) {
            continue;  // It waits to be tried again.
        }
        const ChunkPtr chunk = queue.window.resident(offset);
        if (!chunk || done == slice_messages) {
            // The next slice comes with the next read, so that others get their turn.
            task->from = offset;
            const std::uint64_t ticket = state.next_ticket++;
            state.reads.emplace(ticket, PendingRead{queue.id, StepTask{std::move(task)}});
            round.reads.push_back({ticket, ReadChunks{queue.ns, log_of(queue), offset, 16, limits::commit_bytes_max}});
            return;
        }
        ++done;
        if (move_one(state, queue, *task, offset, chunk->stored_at, chunk->meta_of(offset), chunk->at(offset), now,
                     round)) {
            queue.waiting_again.erase(offset);
            leave_plain(state, queue, offset, 1, round);
        }
    }
    queue.task_running = false;
    reply(task->origin, Counted{task->counted}, round);
}

}  // namespace baton::core
