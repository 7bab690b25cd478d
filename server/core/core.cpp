#include "server/core/core.hpp"

#include "server/core/cancel.hpp"
#include "server/core/finished_log.hpp"
#include "server/core/flow_walk.hpp"
#include "server/core/flows.hpp"
#include "server/core/job_wait.hpp"
#include "server/core/jobs.hpp"
#include "server/core/key_shared.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/names.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"
#include "server/core/transaction.hpp"
#include "server/core/why.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

/// Requests that look at a queue from outside and change nothing; false for others.
bool dispatch_look(State& state, Request& request, TimeMs now, Round& round) {
    const RequestBody& body = request.body;
    if (std::holds_alternative<ListConsumers>(body)) {
        apply_list_consumers(state, request, now, round);
    } else if (std::holds_alternative<CountPriorities>(body)) {
        apply_count_priorities(state, std::move(request), round);
    } else if (std::holds_alternative<ShowMetrics>(body)) {
        apply_show_metrics(state, request, now, round);
    } else if (std::holds_alternative<ListJobs>(body)) {
        apply_list_jobs(state, std::move(request), round);
    } else if (std::holds_alternative<WhyQueue>(body)) {
        apply_why_queue(state, std::move(request), now, round);
    } else {
        return false;
    }
    return true;
}

/// Requests about flows; false for others.
bool dispatch_flow(State& state, Request& request, TimeMs now, Round& round) {
    const RequestBody& body = request.body;
    if (std::holds_alternative<AddFlow>(body)) {
        apply_add_flow(state, std::move(request), now, round);
    } else if (std::holds_alternative<ShowFlow>(body) || std::holds_alternative<ListChildren>(body)) {
        apply_flow_view(state, std::move(request), now, round);
    } else if (std::holds_alternative<LoseChildren>(body)) {
        look_for_lost_children(state, std::move(request), now, round);
    } else if (std::holds_alternative<DetachChild>(body)) {
        apply_detach_child(state, std::move(request), now, round);
    } else if (std::holds_alternative<ActOnFlow>(body)) {
        apply_act_on_flow(state, std::move(request), now, round);
    } else {
        return false;
    }
    return true;
}

}  // namespace

void dispatch(State& state, Request&& request, TimeMs now, Round& round) {
    const RequestBody& body = request.body;
    if (std::holds_alternative<Produce>(body)) {
        apply_produce(state, std::move(request), now, round);
    } else if (std::holds_alternative<RunTransaction>(body)) {
        apply_transaction(state, std::move(request), now, round);
    } else if (std::holds_alternative<Settle>(body)) {
        apply_settle(state, std::move(request), now, round);
    } else if (std::holds_alternative<Fetch>(body)) {
        apply_fetch(state, std::move(request), now, round);
    } else if (refused_for_topic(state, request, round)) {
        return;
    } else if (std::holds_alternative<Peek>(body) || std::holds_alternative<ShowFailed>(body)) {
        apply_peek(state, std::move(request), now, round);
    } else if (std::holds_alternative<RetryFailed>(body)) {
        start_retry_failed(state, std::move(request), now, round);
    } else if (std::holds_alternative<Redrive>(body)) {
        start_redrive(state, std::move(request), now, round);
    } else if (std::holds_alternative<PromoteAll>(body)) {
        start_promote_all(state, std::move(request), now, round);
    } else if (std::holds_alternative<ShowJob>(body) || std::holds_alternative<ChangeJob>(body) ||
               std::holds_alternative<PromoteJob>(body) || std::holds_alternative<RemoveJobs>(body) ||
               std::holds_alternative<WaitJob>(body) || std::holds_alternative<WhyJob>(body) ||
               std::holds_alternative<ListLog>(body)) {
        apply_job_request(state, std::move(request), now, round);
    } else if (std::holds_alternative<SetProgress>(body) || std::holds_alternative<AppendLog>(body) ||
               std::holds_alternative<ClearLog>(body) || std::holds_alternative<SetData>(body) ||
               std::holds_alternative<WaitChildren>(body)) {
        apply_report_request(state, std::move(request), now, round);
    } else if (std::holds_alternative<StartTask>(body) || std::holds_alternative<ListTasks>(body) ||
               std::holds_alternative<ShowTask>(body) || std::holds_alternative<CancelTask>(body)) {
        apply_task_request(state, std::move(request), now, round);
    } else if (std::holds_alternative<CancelJobs>(body)) {
        apply_cancel_jobs(state, std::move(request), now, round);
    } else if (std::holds_alternative<CreateQueue>(body) || std::holds_alternative<UpdateQueue>(body) ||
               std::holds_alternative<ListQueues>(body) || std::holds_alternative<ShowQueue>(body) ||
               std::holds_alternative<PurgeQueue>(body) || std::holds_alternative<DeleteQueue>(body)) {
        apply_queue_request(state, std::move(request), now, round);
    } else if (std::holds_alternative<StreamEvents>(body) || std::holds_alternative<CreditEvents>(body) ||
               std::holds_alternative<CloseEvents>(body) || std::holds_alternative<EmitEvent>(body) ||
               std::holds_alternative<TrimEvents>(body)) {
        apply_event_request(state, std::move(request), now, round);
    } else if (std::holds_alternative<Penalise>(body)) {
        apply_penalise(state, std::move(request), now, round);
    } else if (std::holds_alternative<AdvanceClock>(body) || std::holds_alternative<ShowClock>(body)) {
        apply_clock_request(state, std::move(request), now, round);
    } else if (std::holds_alternative<SetGroup>(body) || std::holds_alternative<ShowGroup>(body) ||
               std::holds_alternative<ListGroups>(body)) {
        apply_group_request(state, std::move(request), now, round);
    } else if (std::holds_alternative<ShowDedup>(body) || std::holds_alternative<ClearDedup>(body)) {
        apply_dedup_request(state, std::move(request), now, round);
    } else if (is_topic_request(body)) {
        apply_topic_request(state, std::move(request), now, round);
    } else if (is_schedule_request(body)) {
        apply_schedule_request(state, std::move(request), now, round);
    } else if (!dispatch_look(state, request, now, round) && !dispatch_flow(state, request, now, round)) {
        apply_session_request(state, std::move(request), now, round);
    }
}

namespace {

/// Runs what became possible in this round: requests whose wait is over, in order.
void run_again(State& state, TimeMs now, Round& round) {
    while (!state.rerun.empty() || !round.task_answers.empty() || !round.walk_answers.empty()) {
        for (auto& [walk, answer] : std::exchange(round.walk_answers, {})) {
            flow_walk_answered(state, walk, std::move(answer), now, round);
        }
        for (auto& [task, answer] : std::exchange(round.task_answers, {})) {
            task_answered(state, task, std::move(answer), now, round);
        }
        std::vector<Request> ready = std::exchange(state.rerun, {});
        for (Request& request : ready) {
            dispatch(state, std::move(request), now, round);
        }
    }
}

void run_queue_timers(State& state, Queue& queue, TimeMs now, Round& round) {
    attach_restored(state, queue, round);
    if (queue.attaching == 0) {
        expire_leases(state, queue, now, round);
    }
    // A lease record may be older than its message's record: only when each is attached is it known what is out.
    for (const Lane lane : {Lane::timed, Lane::prioritized}) {
        LaneWindow& window = queue.window_of(lane);
        if (queue.attaching == 0 && window.wants_load()) {
            const LaneKey from = window.begin_load();
            state.read_lane(queue, lane, from, limits::lane_window_messages_max / 2,
                            PendingRead{queue.id, LoadLane{queue.lane_generation, lane}}, round);
        }
    }
    promote_due(state, queue, now, round);
    run_group_timers(state, queue, now, round);
    wake_keys(state, queue, now);
    if (queue.lane.has_ready() || !queue.prioritized.records().empty()) {
        state.pump_later(queue);
    }
    if (const auto due = queue.lane.next_due()) {
        state.arm(queue, *due);
    }
    end_hold(state, queue, now);
    release_blocked(state, queue, now, round);
    sweep_names(state, queue, now, round);
    record_leases(state, queue, now, round);
    run_retention(state, queue, now, round);
    run_topic_retention(state, queue, now, round);
    run_topic_compaction(state, queue, now, round);
    if (queue.references) {
        run_fills(state, queue, round);
    }
    run_event_retention(state, queue, now, round);
    run_report_sweep(state, queue, round);
    expire_waits(state, queue, now, round);
    expire_fetches(state, queue, now, round);
    expire_head(state, queue, now, round);
    read_flows_with_news(state, queue, round);
    fire_expiries(state, queue, now, round);
}

void sweep_producers(State& state, TimeMs now, Round& round) {
    constexpr DurationMs sweep_every_ms = 3'600'000;
    if (now < state.producers_swept_at + sweep_every_ms) {
        return;
    }
    state.producers_swept_at = now;
    for (auto& [name, space] : state.namespaces) {
        for (auto& [queue_name, queue] : space.queues) {
            if (queue->producers.drop_idle(queue->ns, queue->id, now - limits::producer_idle_ms_max, round.mutations)) {
                state.touch(*queue, round);
            }
        }
    }
}

/// Delivering may expire messages into other queues, which then have something to deliver.
void pump_all(State& state, TimeMs now, Round& round) {
    while (!state.to_pump.empty()) {
        for (const QueueId id : std::exchange(state.to_pump, {})) {
            Queue* queue = state.find(id);
            if (queue == nullptr) {
                continue;
            }
            queue->to_pump = false;
            close_chunks(state, *queue, round);
            if (queue->kind == QueueKind::topic) {
                continue;
            }
            promote_due(state, *queue, now, round);
            if (const auto due = queue->lane.next_due()) {
                state.arm(*queue, *due);
            }
            pump(state, *queue, now, round);
            if (queue->groups) {
                read_groups(state, *queue, ReadGoal::ahead, round);
            }
            state.shrink_window(*queue);
        }
    }
}

}  // namespace

Core::Core(CoreOptions options) : state_(std::make_unique<State>(options)) {}
Core::~Core() = default;

void Core::restore(const Mutation& record) { restore_record(*state_, record); }
void Core::restored(TimeMs now) { finish_restore(*state_, now); }

void Core::apply(Request&& request, TimeMs now, Round& round) {
    dispatch(*state_, std::move(request), now, round);
    run_again(*state_, now, round);
}

void Core::answer(ReadAnswer&& answer, TimeMs now, Round& round) {
    const auto found = state_->reads.find(answer.ticket);
    if (found == state_->reads.end()) {
        return;
    }
    PendingRead pending = std::move(found->second);
    state_->reads.erase(found);
    read_answered(*state_, std::move(pending), std::move(answer), now, round);
    run_again(*state_, now, round);
}

void Core::tick(TimeMs now, Round& round) {
    finish_advance(*state_, now, round);
    resume_losses(*state_, round);
    auto& timers = state_->queue_timers;
    // What re-arms itself for `now` waits for the next round, so that no queue can hold this one up.
    std::vector<QueueId> due;
    while (!timers.empty() && timers.begin()->first <= now && due.size() < limits::timers_per_round_max) {
        due.push_back(timers.begin()->second);
        state_->find(due.back())->armed_at.reset();
        timers.erase(timers.begin());
    }
    for (const QueueId id : due) {
        if (Queue* queue = state_->find(id)) {
            run_queue_timers(*state_, *queue, now, round);
        }
    }
    while (!state_->session_timers.empty() && state_->session_timers.begin()->first <= now) {
        end_session(*state_, *state_->sessions.at(state_->session_timers.begin()->second), now, round);
    }
    run_schedules(*state_, now, round);
    run_tasks(*state_, now, round);
    run_flow_walks(*state_, now, round);
    sweep_producers(*state_, now, round);
    run_again(*state_, now, round);
}

void Core::seal(TimeMs now, Round& round) {
    // What is delivered makes room for produces that wait for it, and these are delivered in turn.
    // What ends meanwhile may release parents of flows.
    bool more = true;
    while (more) {
        run_flows(*state_, now, round);
        run_again(*state_, now, round);
        pump_all(*state_, now, round);
        more = release_all_blocked(*state_, now, round) || !state_->flows.told.empty() || !state_->rerun.empty();
    }
    for (const QueueId id : state_->dirty) {
        if (Queue* queue = state_->find(id)) {
            close_chunks(*state_, *queue, round);
        }
    }
    write_records(*state_, now, round);
    end_task_round(*state_, now);
    end_walk_round(*state_, now);
}

void Core::stop_delivering() {
    state_->delivering = false;
    // Leases that have no record yet get one, so that the next start knows their deadlines.
    for (auto& [name, space] : state_->namespaces) {
        for (auto& [queue_name, queue] : space.queues) {
            if (!queue->leases.empty()) {
                state_->arm(*queue, INT64_MIN);
            }
        }
    }
}

bool Core::has_ready() const {
    return std::any_of(state_->to_pump.begin(), state_->to_pump.end(), [this](QueueId id) {
        const Queue* queue = state_->find(id);
        return queue != nullptr && queue->waiting_count() > 0;
    });
}

void Core::set_storage_full(bool full) { state_->storage_full = full; }

std::vector<QueueInfo> Core::queue_infos(TimeMs now) const {
    std::vector<QueueInfo> infos;
    for (const auto& [name, space] : state_->namespaces) {
        for (const auto& [queue_name, queue] : space.queues) {
            infos.push_back(info_of(*queue, now));
        }
    }
    return infos;
}

std::uint64_t Core::queue_count() const { return state_->queues.size(); }
std::size_t Core::window_bytes() const { return state_->window_bytes; }

}  // namespace baton::core
