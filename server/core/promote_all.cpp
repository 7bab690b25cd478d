// Every delayed message of a queue becomes ready now: a task in slices, one read a step, so that it holds up nobody.
#include "server/core/job_lookup.hpp"
#include "server/core/jobs.hpp"
#include "server/core/key_shared.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace baton::core {

namespace {

constexpr std::uint32_t delayed_slice_records = 256;

void read_delayed(State& state, Queue& queue, std::unique_ptr<Task> task, Round& round) {
    task->version = queue.job_reads.begin();
    const LaneKey from = task->lane_from;
    state.read_lane(queue, Lane::timed, from, delayed_slice_records, PendingRead{queue.id, StepTask{std::move(task)}},
                    round);
}

}  // namespace

void start_promote_all(State& state, Request&& request, TimeMs now, Round& round) {
    const std::string& name = std::get<PromoteAll>(request.body).queue;
    Queue* queue = state.find(request.ns, name);
    if (queue == nullptr) {
        reply(request, no_such_queue(name), round);
        return;
    }
    if (queue->task_running) {
        reply(request, Refusal{RefusalCode::busy, "another task of this queue is running", "", 0, true, 100}, round);
        return;
    }
    queue->task_running = true;
    auto task = std::make_unique<Task>();
    task->queue = queue->id;
    task->generation = queue->lane_generation;
    task->lane_from = {now + 1, 0};
    task->origin = std::move(request);
    task->in_place = queue->keys ? queue->keys->delayed().size() : 0;
    read_delayed(state, *queue, std::move(task), round);
}

void step_promote_all(State& state, Queue& queue, std::unique_ptr<Task> task, LaneRead&& found, TimeMs now,
                      Round& round) {
    const bool purged = task->generation != queue.lane_generation;
    const std::uint64_t here = std::min<std::uint64_t>(task->in_place, delayed_slice_records);
    task->counted.messages += promote_some_in_place(state, queue, here, round);
    task->in_place -= here;
    for (MessageRecord& record : found.records) {
        task->lane_from = {record.at, record.offset + 1};
        const bool as_read =
            queue.job_reads.holds(record.offset, task->version) && !queue.lane.window().is_out(record.offset);
        if (purged || !as_read || record.at <= now) {
            continue;
        }
        remove_lane_record(queue, record, round);
        change_due(record, now);
        put_ready(state, queue, std::move(record), now, round);
        task->counted.messages += 1;
    }
    if (purged || ((found.at_end || found.records.empty()) && task->in_place == 0)) {
        queue.job_reads.end();
        queue.task_running = false;
        reply(task->origin, Counted{task->counted}, round);
        return;
    }
    read_delayed(state, queue, std::move(task), round);
    queue.job_reads.end();
}

}  // namespace baton::core
