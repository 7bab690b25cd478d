// Deleting a queue: everybody who holds or awaits something of it is told, and its records go in one sweep.
#include "server/core/flows.hpp"
#include "server/core/job_wait.hpp"
#include "server/core/overflow.hpp"
#include "server/core/queue_administration.hpp"
#include "server/core/schedule.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace baton::core {

namespace {

/// What waits in the queue is run again, to be told that it is gone.
void rerun_waiting(State& state, Queue& queue, Round& round) {
    if (queue.names.waiting_produce) {
        state.rerun.push_back(std::move(*queue.names.waiting_produce));
    }
    for (const auto& [key, parked] : queue.names.parked) {
        state.parked_bytes -= parked.body.size_of(0);
    }
    for (Request& waiting : queue.waiting_produces) {
        state.rerun.push_back(std::move(waiting));
    }
    rerun_blocked(state, queue, round);
    if (queue.groups) {
        for (Request& waiting : queue.groups->parked) {
            state.rerun.push_back(std::move(waiting));
        }
    }
    for (Request& waiting : queue.counting.waiting) {
        state.rerun.push_back(std::move(waiting));
    }
    for (Request& waiting : queue.waiting_attach) {
        state.rerun.push_back(std::move(waiting));
    }
}

}  // namespace

void erase_queue(State& state, Namespace& space, Queue& gone, TimeMs now, Round& round) {
    Queue* queue = &gone;
    queue->leases.clear();
    const std::vector<Consumer*> consumers = queue->consumers;
    for (Consumer* consumer : consumers) {
        Session& session = *state.sessions.at(consumer->session);
        if (value(consumer->connection) != 0) {
            round.effects.emplace_back(ConsumerClosed{consumer->connection, consumer->id, "the queue was deleted"});
        }
        consumer->batches.clear();
        close_consumer(state, session, *consumer, now, round);
    }
    rerun_waiting(state, *queue, round);
    if (Queue* target = dead_letter_of(space, queue->settings)) {
        target->dead_letter_users -= 1;
    }
    refuse_waits(state, *queue, round);
    close_streams(state, *queue, round);
    forget_flows(state, *queue, round);
    const LostChildren lost{queue->ns, queue->id, queue->flows.has_children ? queue->end : 0};
    queue->scheduled_runs.purge([](Offset) { return false; });
    close_runs(state, *queue);
    round.mutations.push_back(RemoveQueue{queue->ns, queue->id});
    round.mutations.push_back(SweepQueue{queue->ns, queue->id});
    round.needs_sync = true;
    if (queue->armed_at) {
        state.queue_timers.erase({*queue->armed_at, queue->id});
    }
    state.window_bytes -= queue->window.bytes();
    leave_topic(state, *queue);
    remove_bindings_of(state, *queue, round);
    space.queues.erase(queue->name);
    state.queues.erase(value(queue->id));
    if (lost.upto != 0) {
        lose_children(state, lost, round);
    }
}

void delete_queue(State& state, Request&& request, TimeMs now, Round& round) {
    const std::string& name = std::get<DeleteQueue>(request.body).name;
    Queue* queue = state.find(request.ns, name);
    if (queue == nullptr) {
        reply(request, no_such_queue(name), round);
    } else if (queue->kind == QueueKind::topic) {
        refuse(request, RefusalCode::wrong_kind, "'" + name + "' is a topic", "name", round);
    } else if (queue->dead_letter_users != 0) {
        refuse(request, RefusalCode::queue_in_use, "another queue names it as its dead-letter queue", "name", round);
    } else {
        erase_queue(state, namespace_of(state, request.ns, round), *queue, now, round);
        reply(request, Done{}, round);
    }
}

}  // namespace baton::core
