// The last run of a schedule: whether its message is done. A queue knows which of its messages are such runs, and marks
// them where messages leave; what that means for the schedule is written in the same commit.
#include "server/core/outcome.hpp"
#include "server/core/schedule.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

bool run_is_open(State& state, const Schedule& schedule) {
    const auto& open = schedule.progress.open;
    const Queue* queue = open ? state.find(open->queue) : nullptr;
    return queue != nullptr && queue->scheduled_runs.is_open(open->offset);
}

/// The message out of the lane in which it waits, if it is there and in memory.
std::optional<MessageRecord> take_waiting(Queue& queue, Offset offset) {
    if (auto ready = queue.lane.take_ready(offset)) {
        return ready;
    }
    auto& ranked = queue.prioritized.records();
    const auto found = std::find_if(ranked.begin(), ranked.end(),
                                    [offset](const auto& record) { return record.second.offset == offset; });
    if (found == ranked.end()) {
        return queue.groups ? queue.groups->ring.take_offset(offset) : std::nullopt;
    }
    return take_ranked(queue, found);
}

DropRun drop_open_run(State& state, const Schedule& schedule, Request& again, Round& round) {
    const OpenRun open = *schedule.progress.open;
    Queue& queue = *state.find(open.queue);
    if (!queue.acks.test(open.offset)) {
        if (open.offset < queue.next && !queue.waiting_again.contains(open.offset)) {
            return DropRun::stays;
        }
        close_chunks(state, queue, round);
        if (!queue.window.knows(open.offset)) {
            state.read_chunks(queue, open.offset, std::move(again), round);
            return DropRun::reading;
        }
        queue.waiting_again.erase(open.offset);
        leave_plain(state, queue, open.offset, 1, round);
    } else {
        const auto record = take_waiting(queue, open.offset);
        if (!record) {
            return DropRun::stays;
        }
        queue.lane_fences.erase(open.offset);
        remove_lane_record(queue, *record, round);
        state.touch(queue, round);
    }
    if (queue.watched()) {
        ended(state, queue, {JobOutcome::dropped, open.offset, 1, schedule.name}, round);
    }
    queue.live_bytes -= open.bytes;
    queue.totals.dropped += 1;
    return DropRun::dropped;
}

void open_run(State& state, Schedule& schedule, Queue& queue, Offset offset) {
    if (const auto& before = schedule.progress.open) {
        if (Queue* other = state.find(before->queue)) {
            other->scheduled_runs.forget(before->offset);
        }
    }
    schedule.progress.open = OpenRun{queue.id, offset, schedule.spec->entry.size_of(0)};
    queue.scheduled_runs.add(offset, schedule.id);
}

void close_runs(State& state, Queue& queue) {
    for (const auto& [offset, id] : queue.scheduled_runs.take_left()) {
        Schedule* schedule = state.schedules.find(id);
        if (schedule == nullptr || !schedule->progress.open) {
            continue;
        }
        if (schedule->progress.open->queue == queue.id && schedule->progress.open->offset == offset) {
            schedule->progress.open.reset();
            state.schedules.touch(*schedule);
        }
    }
}

}  // namespace baton::core
