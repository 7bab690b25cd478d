#include "server/core/bulk_tasks.hpp"

#include "server/core/job_lookup.hpp"
#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace baton::core {

void BulkTasks::disarm(BulkTask& task) {
    if (task.armed_at) {
        timers.erase({*task.armed_at, task.id});
        task.armed_at.reset();
    }
}

void BulkTasks::arm(BulkTask& task, TimeMs at) {
    disarm(task);
    task.armed_at = at;
    timers.emplace(at, task.id);
}

void put_task(const BulkTask& task, Round& round) {
    round.needs_sync = true;
    round.mutations.push_back(PutTask{task.ns, task.id, task.queue, task.created_at, task.spec, task.progress});
}

namespace {

constexpr std::uint32_t bits(std::initializer_list<MessageState> states) {
    std::uint32_t all = 0;
    for (const MessageState state : states) {
        all |= state_bit(state);
    }
    return all;
}

/// The states that a kind of task may act on, and those that it does when none is named.
struct KindStates {
    std::uint32_t allowed = 0, usual = 0;
};

KindStates states_of(TaskKind kind) {
    constexpr std::uint32_t ready = bits({MessageState::waiting, MessageState::prioritized, MessageState::grouped});
    constexpr std::uint32_t delayed = bits({MessageState::delayed});
    constexpr std::uint32_t waiting_children = bits({MessageState::waiting_children});
    constexpr std::uint32_t finished = bits({MessageState::failed, MessageState::completed});
    switch (kind) {
        case TaskKind::drain:
            return {ready | delayed, ready | delayed};
        case TaskKind::clean:
            return {ready | delayed | finished, finished};
        case TaskKind::retry:
            return {finished, bits({MessageState::failed})};
        case TaskKind::remove:
            return {ready | delayed | finished | waiting_children, ready | delayed | finished};
        case TaskKind::promote:
            return {delayed, delayed};
        case TaskKind::obliterate:
            break;
    }
    return {};
}

TaskInfo task_info(const BulkTask& task) { return {task.id, task.spec, task.progress, task.created_at}; }

void answer_task(const Request& request, const BulkTask& task, Round& round) {
    reply(request, std::make_shared<const TaskInfo>(task_info(task)), round);
}

std::optional<Refusal> check_obliterate(const Queue& queue, const TaskSpec& spec) {
    if (*spec.filter != JobFilter{} || spec.grace_ms != 0 || spec.limit != 0 || spec.rate != 0) {
        return invalid("start_task.filter", "an obliterate takes the whole queue: no filter, grace, limit or rate");
    }
    if (queue.leased_count() != 0 && !spec.force) {
        return Refusal{RefusalCode::queue_in_use, "messages are leased: wait for them, or say force",
                       "start_task.force"};
    }
    if (queue.dead_letter_users != 0) {
        return Refusal{RefusalCode::queue_in_use, "it is the dead-letter queue of another queue", "start_task.queue"};
    }
    return std::nullopt;
}

std::optional<Refusal> check_task(const State& state, const Queue& queue, const TaskSpec& spec) {
    if (auto fault = check_filter(*spec.filter, "start_task.filter")) {
        return fault;
    }
    if (spec.grace_ms < 0 || spec.grace_ms > limits::ten_years_ms) {
        return invalid("start_task.grace_ms", "grace_ms is at most ten years", limits::ten_years_ms);
    }
    if (queue.profile != Profile::job && spec.kind != TaskKind::obliterate && spec.kind != TaskKind::retry) {
        return Refusal{
            RefusalCode::wrong_profile,
            "only a queue of profile job finds all its messages again: others can be retried and obliterated only",
            "start_task.queue"};
    }
    const auto running =
        static_cast<std::size_t>(std::count_if(state.tasks.all.begin(), state.tasks.all.end(), [](const auto& entry) {
            return entry.second.progress.state == TaskState::running;
        }));
    if (running >= limits::tasks_running_max) {
        return Refusal{RefusalCode::too_many_tasks,
                       "too many tasks are running",
                       "start_task",
                       limits::tasks_running_max,
                       true,
                       1'000};
    }
    if (spec.kind == TaskKind::obliterate) {
        return check_obliterate(queue, spec);
    }
    if (const std::uint32_t refused = spec.filter->states & ~states_of(spec.kind).allowed; refused != 0) {
        const auto first = static_cast<MessageState>(std::countr_zero(refused));
        return invalid("start_task.filter.states",
                       std::string("this kind of task cannot act on messages that are ") + state_in_words(first));
    }
    return std::nullopt;
}

/// The filter with all that a task says beside it.
JobFilterPtr whole_filter(const Queue& queue, const TaskSpec& spec, TimeMs now) {
    auto whole = std::make_shared<JobFilter>(*spec.filter);
    whole->states = whole->states != 0 ? whole->states : states_of(spec.kind).usual;
    whole->below = queue.end;
    if (spec.grace_ms != 0) {
        const TimeMs before = now - spec.grace_ms + 1;
        const bool finished_only = (whole->states & ~states_of(TaskKind::retry).allowed) == 0;
        TimeMs& bound = finished_only ? whole->ended_before : whole->stored_before;
        bound = bound == 0 ? before : std::min(bound, before);
    }
    if (spec.kind == TaskKind::retry && whole->ended_before == 0) {
        whole->ended_before = now + 1;  // What fails again is not put back again.
    }
    return whole;
}

/// Ended tasks are kept for a while, the newest of them.
void drop_old_tasks(State& state, Round& round) {
    std::size_t ended = 0;
    for (const auto& [id, task] : state.tasks.all) {
        ended += task.progress.state == TaskState::running ? 0 : 1;
    }
    for (auto at = state.tasks.all.begin(); ended > limits::tasks_kept_max && at != state.tasks.all.end();) {
        if (at->second.progress.state == TaskState::running || at->second.unanswered != 0) {
            ++at;
            continue;
        }
        round.mutations.push_back(RemoveTask{at->second.ns, at->second.id});
        at = state.tasks.all.erase(at);
        --ended;
    }
}

void start_task(State& state, Queue& queue, const Request& request, TimeMs now, Round& round) {
    TaskSpec spec = std::get<StartTask>(request.body).spec;
    if (auto fault = check_task(state, queue, spec)) {
        reply(request, std::move(*fault), round);
        return;
    }
    close_chunks(state, queue, round);
    spec.filter = whole_filter(queue, spec, now);
    BulkTask task;
    task.ns = queue.ns;
    task.id = TaskId{state.tasks.next_id++};
    task.queue = queue.id;
    task.created_at = now;
    task.spec = std::make_shared<const TaskSpec>(std::move(spec));
    BulkTask& kept = state.tasks.all.emplace(task.id, std::move(task)).first->second;
    put_task(kept, round);
    drop_old_tasks(state, round);
    state.tasks.arm(kept, now);
    answer_task(request, kept, round);
}

void list_tasks(State& state, NamespaceId ns, const Request& request, Round& round) {
    const ListTasks& list = std::get<ListTasks>(request.body);
    TaskList out;
    for (auto at = state.tasks.all.upper_bound(TaskId{list.after}); at != state.tasks.all.end(); ++at) {
        const BulkTask& task = at->second;
        if (task.ns != ns || (!list.queue.empty() && task.spec->queue != list.queue)) {
            continue;
        }
        if (out.tasks.size() == list.limit) {
            out.next = value(out.tasks.back().id);
            break;
        }
        out.tasks.push_back(task_info(task));
    }
    // Tasks are kept for a while when their queue is gone, also the one that removed it.
    if (out.tasks.empty() && list.after == 0 && !list.queue.empty() && state.find(request.ns, list.queue) == nullptr) {
        reply(request, no_such_queue(list.queue), round);
        return;
    }
    reply(request, std::move(out), round);
}

}  // namespace

void end_task(State& state, BulkTask& task, TaskState how, std::string error, TimeMs now, Round& round) {
    task.progress.state = how;
    task.progress.error = std::move(error);
    task.progress.ended_at = now;
    state.tasks.disarm(task);
    put_task(task, round);
}

void apply_task_request(State& state, Request&& request, TimeMs now, Round& round) {
    const auto space = state.namespaces.find(request.ns.empty() ? "default" : request.ns);
    const NamespaceId ns = space == state.namespaces.end() ? NamespaceId{} : space->second.id;
    if (const auto* start = std::get_if<StartTask>(&request.body)) {
        Queue* queue = state.find(request.ns, start->spec.queue);
        if (queue == nullptr) {
            reply(request, no_such_queue(start->spec.queue), round);
        } else {
            start_task(state, *queue, request, now, round);
        }
        return;
    }
    if (std::holds_alternative<ListTasks>(request.body)) {
        list_tasks(state, ns, request, round);
        return;
    }
    const auto* cancel = std::get_if<CancelTask>(&request.body);
    const TaskId id = cancel != nullptr ? cancel->id : std::get<ShowTask>(request.body).id;
    const auto found = state.tasks.all.find(id);
    if (found == state.tasks.all.end() || found->second.ns != ns) {
        refuse(request, RefusalCode::task_not_found, "there is no such task, or it ended long ago", "task_id", round);
        return;
    }
    if (cancel != nullptr && found->second.progress.state == TaskState::running) {
        end_task(state, found->second, TaskState::cancelled, "", now, round);
    }
    answer_task(request, found->second, round);
}

void restore_task(State& state, const PutTask& record) {
    BulkTask& task = state.tasks.all[record.id];
    task.ns = record.ns;
    task.id = record.id;
    task.queue = record.queue;
    task.created_at = record.created_at;
    task.spec = record.spec;
    task.progress = record.progress;
    state.tasks.next_id = std::max(state.tasks.next_id, value(record.id) + 1);
}

void finish_restoring_tasks(State& state, TimeMs now) {
    for (auto& [id, task] : state.tasks.all) {
        if (task.progress.state == TaskState::running) {
            state.tasks.arm(task, now);
        }
    }
}

}  // namespace baton::core
