// The slices of background tasks: what a filter means is listed, then acted on, through the same requests as clients
// make. What is read for an action is held against the filter again, so that nothing is touched that has changed.
#include "server/core/bulk_tasks.hpp"
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace baton::core {

namespace {

constexpr DurationMs busy_again_ms = 100;

Request request_of(const State& state, const BulkTask& task, RequestBody&& body) {
    Request request;
    for (const auto& [name, space] : state.namespaces) {
        if (space.id == task.ns) {
            request.ns = name;
        }
    }
    request.task = task.id;
    request.body = std::move(body);
    return request;
}

void ask_core(State& state, BulkTask& task, RequestBody&& body, TimeMs now, Round& round) {
    task.unanswered += 1;
    dispatch(state, request_of(state, task, std::move(body)), now, round);
}

/// How many messages the next slice may act on.
std::uint32_t slice_of(const BulkTask& task) {
    std::uint64_t slice = limits::task_slice_messages;
    if (task.spec->limit != 0) {
        const std::uint64_t counted = task.spec->dry_run ? task.progress.matched : task.progress.done;
        slice = std::min(slice, task.spec->limit - std::min(task.spec->limit, counted));
    }
    if (task.spec->rate != 0) {
        slice = std::min<std::uint64_t>(slice, task.spec->rate);
    }
    return static_cast<std::uint32_t>(slice);
}

void act_on(State& state, BulkTask& task, std::vector<Offset>&& offsets, TimeMs now, Round& round) {
    const TaskSpec& spec = *task.spec;
    if (spec.kind == TaskKind::retry) {
        ask_core(state, task, RetryFailed{spec.queue, std::move(offsets), spec.keep_counters, false, spec.filter}, now,
                 round);
    } else if (spec.kind == TaskKind::promote) {
        for (const Offset offset : offsets) {
            ask_core(state, task, PromoteJob{spec.queue, offset, {}, spec.filter}, now, round);
        }
    } else {
        ask_core(state, task, RemoveJobs{spec.queue, std::move(offsets), 0, {}, spec.filter}, now, round);
    }
}

void obliterate(State& state, BulkTask& task, Queue& queue, TimeMs now, Round& round) {
    task.progress.matched = queue.waiting_count() + queue.delayed_count() + queue.leased_count() + queue.failed_count +
                            queue.completed.counts.messages;
    task.progress.scanned = task.progress.matched;
    if (task.spec->dry_run) {
        end_task(state, task, TaskState::done, "", now, round);
        return;
    }
    ask_core(state, task, DeleteQueue{queue.name}, now, round);
}

/// The slice is over: where the next one begins, and when.
void slice_over(State& state, BulkTask& task, TimeMs now, Round& round) {
    TaskProgress& progress = task.progress;
    if (progress.state != TaskState::running) {
        put_task(task, round);  // Cancelled meanwhile: what was done is counted.
        return;
    }
    if (std::exchange(task.again, false)) {
        progress.scanned = task.scanned_before;
        progress.matched = task.matched_before;
        state.tasks.arm(task, now + busy_again_ms);
        return;
    }
    progress.from_state = task.behind.from_state;
    progress.from_at = task.behind.from_at;
    progress.from_offset = task.behind.from_offset;
    progress.from_rank = task.behind.from_rank;
    progress.from_group = task.behind.from_group;
    const std::uint32_t acted = std::exchange(task.slice_done, 0);
    progress.pass_done += acted;
    bool over = slice_of(task) == 0 || planted(PlantedBug::task_stops_early);
    if (progress.from_state == MessageState{}) {
        // Messages may have moved past the walk while it went on: it ends with one that finds nothing.
        progress.passes += 1;
        over = over || task.spec->dry_run || progress.pass_done == 0 || progress.passes >= limits::task_passes_max;
        progress.pass_done = 0;
    }
    if (over) {
        end_task(state, task, TaskState::done, "", now, round);
        return;
    }
    put_task(task, round);
    const std::uint32_t rate = task.spec->rate;
    if (rate == 0 || acted == 0) {
        state.tasks.next_round.push_back(task.id);
    } else {
        state.tasks.arm(task, now + DurationMs{1'000} * acted / rate);
    }
}

void listed(State& state, BulkTask& task, MessageList&& list, TimeMs now, Round& round) {
    TaskProgress& progress = task.progress;
    task.scanned_before = progress.scanned;
    task.matched_before = progress.matched;
    progress.scanned += list.scanned;
    task.behind = {};
    if (list.more) {
        task.behind.from_state = list.next_state;
        task.behind.from_at = list.next_at;
        task.behind.from_offset = list.next_offset;
        task.behind.from_rank = list.next_rank;
        task.behind.from_group = list.next_group;
    }
    if (progress.state != TaskState::running) {
        return;
    }
    // Later passes meet again what the action could not be done to.
    progress.matched += progress.passes == 0 ? list.messages.size() : 0;
    std::vector<Offset> offsets;
    for (const StoredMessage& message : list.messages) {
        offsets.push_back(message.offset);
    }
    if (!offsets.empty() && !task.spec->dry_run) {
        act_on(state, task, std::move(offsets), now, round);
    }
}

void acted(BulkTask& task, std::uint64_t done, std::uint64_t skipped) {
    const bool again = task.progress.passes != 0;
    task.progress.done += done;
    task.progress.matched += again ? done : 0;
    task.progress.skipped += again ? 0 : skipped;
    task.slice_done += static_cast<std::uint32_t>(done);
}

void step(State& state, BulkTask& task, TimeMs now, Round& round) {
    Queue* queue = state.find(task.queue);
    if (queue == nullptr) {
        end_task(state, task, TaskState::failed, "the queue was deleted", now, round);
        return;
    }
    if (task.spec->kind == TaskKind::obliterate) {
        obliterate(state, task, *queue, now, round);
        return;
    }
    const TaskProgress& from = task.progress;
    ask_core(state, task,
             ListJobs{task.spec->queue, task.spec->filter, slice_of(task), from.from_state, from.from_at,
                      from.from_offset, from.from_rank, from.from_group},
             now, round);
}

}  // namespace

void run_tasks(State& state, TimeMs now, Round& round) {
    std::vector<TaskId> due;
    for (const auto& [at, id] : state.tasks.timers) {
        if (at > now) {
            break;
        }
        due.push_back(id);
    }
    for (const TaskId id : due) {
        BulkTask& task = state.tasks.all.at(id);
        state.tasks.disarm(task);
        if (state.tasks.begun == limits::task_slices_per_round_max) {
            state.tasks.next_round.push_back(id);
            continue;
        }
        state.tasks.begun += 1;
        step(state, task, now, round);
    }
}

void end_task_round(State& state, TimeMs now) {
    state.tasks.begun = 0;
    for (const TaskId id : std::exchange(state.tasks.next_round, {})) {
        const auto found = state.tasks.all.find(id);
        if (found != state.tasks.all.end() && found->second.progress.state == TaskState::running) {
            state.tasks.arm(found->second, now);
        }
    }
}

void task_answered(State& state, TaskId id, ReplyBody&& body, TimeMs now, Round& round) {
    const auto found = state.tasks.all.find(id);
    if (found == state.tasks.all.end()) {
        return;
    }
    BulkTask& task = found->second;
    task.unanswered -= 1;
    if (auto* list = std::get_if<MessageList>(&body)) {
        listed(state, task, std::move(*list), now, round);
    } else if (const auto* removed = std::get_if<JobsRemoved>(&body)) {
        acted(task, removed->removed, removed->refused.size());
    } else if (const auto* counted = std::get_if<Counted>(&body)) {
        acted(task, counted->messages, counted->skipped);
    } else if (std::holds_alternative<Done>(body) && task.spec->kind == TaskKind::obliterate) {
        acted(task, task.progress.matched, 0);
        end_task(state, task, TaskState::done, "", now, round);
        return;
    } else if (std::holds_alternative<Done>(body)) {
        acted(task, 1, 0);
    } else if (const auto* refusal = std::get_if<Refusal>(&body)) {
        const bool gone = state.find(task.queue) == nullptr;
        if (refusal->code == RefusalCode::busy && !gone) {
            task.again = true;
        } else if (task.spec->kind == TaskKind::promote && !gone) {
            acted(task, 0, 1);
        } else if (task.progress.state == TaskState::running) {
            end_task(state, task, TaskState::failed, gone ? "the queue was deleted" : refusal->message, now, round);
            return;
        }
    }
    if (task.unanswered == 0) {
        slice_over(state, task, now, round);
    }
}

}  // namespace baton::core
