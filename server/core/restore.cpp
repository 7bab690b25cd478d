// Start-up: the state as its records tell it, and what a restart means for leases. A message below the delivery horizon
// without a record may have been delivered: it is held for its old token for a grace, then delivered again with cause
// `restart`.
#include "server/core/flows.hpp"
#include "server/core/key_shared.hpp"
#include "server/core/limits.hpp"
#include "server/core/names.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <algorithm>

namespace baton::core {

namespace {

void restore_queue(State& state, const PutQueue& record) {
    auto& owned = state.queues[value(record.id)];
    if (!owned) {
        owned = std::make_unique<Queue>();
    }
    owned->ns = record.ns;
    owned->id = record.id;
    owned->name = record.name;
    owned->profile = record.profile;
    owned->created_at = record.created_at;
    owned->settings = record.settings;
    owned->kind = record.kind;
    owned->keeps = record.keeps;
    owned->topic_id = record.topic;
    owned->began = record.began;
    owned->hold = record.hold;
    owned->selects = record.selects;
    state.next_queue = std::max(state.next_queue, value(record.id) + 1);
}

void restore_part(Queue& queue, const Mutation& part) {
    if (const auto* known = std::get_if<PutQueueState>(&part)) {
        queue.end = known->end;
        queue.acks.restore(*known);
        queue.horizon = known->horizon;
        queue.lane_horizon = known->lane_horizon;
        queue.next_batch = known->next_batch;
        queue.lane_generation = known->lane_generation;
        queue.failed_generation = known->failed_generation;
        queue.timed_count = known->timed_count;
        queue.failed_count = known->failed_count;
        queue.prioritized_count = known->prioritized_count;
        if (known->grouped_count != 0) {
            groups_of(queue).count = known->grouped_count;
        }
        queue.fronts = known->fronts;
        queue.live_bytes = known->live_bytes;
        queue.log_bytes = known->log_bytes;
        queue.token_floor = known->token_floor;
        queue.holes = known->holes;
        queue.compacted_bytes = known->compacted_bytes;
        queue.failed_bytes = known->failed_bytes;
        queue.completed.counts = known->completed;
        queue.failed.counts = known->failed;
        queue.completed_generation = known->completed_generation;
        queue.events.counts = known->events;
        queue.totals = known->totals;
        queue.minutes.completed_noted = known->totals.acked;
        queue.minutes.failed_noted = known->totals.failed;
        queue.bucket = known->bucket;
        queue.penalty_until = known->penalty_until;
        queue.has_expiries = known->has_expiries;
        queue.reports.any = known->has_reports;
        queue.reports.to_sweep = known->sweep_reports;
        queue.names.counts = known->names;
        queue.flows = known->flows;
        queue.starts.restore(known->starts);
        for (const PutProducer& producer : known->producers) {
            queue.producers.restore(producer, false);
        }
    } else if (const auto* page = std::get_if<PutAckPage>(&part)) {
        queue.acks.restore(*page);
    } else if (const auto* returned = std::get_if<PutReturned>(&part)) {
        queue.returned[returned->offset] = {returned->counters, returned->cause,    returned->attempts,
                                            returned->fence,    returned->isolated, returned->not_before};
    } else if (const auto* producer = std::get_if<PutProducer>(&part)) {
        queue.producers.restore(*producer, true);
    } else if (const auto* group = std::get_if<PutGroup>(&part)) {
        restore_group(queue, *group);
    } else if (const auto* minutes = std::get_if<PutJobMinutes>(&part)) {
        queue.minutes.passed = minutes->minutes;
    } else if (const auto* waits = std::get_if<PutParked>(&part)) {
        queue.names.parked.insert_or_assign(waits->key, waits->parked);
    } else if (const auto* fill = std::get_if<PutFill>(&part)) {
        references_of(queue).fills[fill->topic] = {fill->from, fill->since, fill->last_per_key_below};
    }
}

QueueId queue_of(const Mutation& part) {
    if (const auto* known = std::get_if<PutQueueState>(&part)) {
        return known->id;
    }
    if (const auto* page = std::get_if<PutAckPage>(&part)) {
        return page->id;
    }
    if (const auto* returned = std::get_if<PutReturned>(&part)) {
        return returned->id;
    }
    if (const auto* group = std::get_if<PutGroup>(&part)) {
        return group->id;
    }
    if (const auto* minutes = std::get_if<PutJobMinutes>(&part)) {
        return minutes->id;
    }
    if (const auto* fill = std::get_if<PutFill>(&part)) {
        return fill->id;
    }
    const auto* parked = std::get_if<PutParked>(&part);
    return parked != nullptr ? parked->id : std::get<PutProducer>(part).id;
}

/// Everything below the horizon that is not done and has no recorded lease.
void hold_unrecorded(State& state, Queue& queue, TimeMs now) {
    std::set<Offset> leased;
    for (const auto& [number, batch] : queue.leases.batches()) {
        for (const LeasedRun& run : batch->runs) {
            leased.insert(run.first);
        }
    }
    LeaseBatch hold;
    hold.number = 0;
    hold.restart_hold = true;
    hold.deadline = now + std::min(queue.settings.lease_ms, state.options.restart_grace_ms);
    for (Offset offset = queue.acks.next_clear(queue.acks.low()); offset < queue.horizon;
         offset = queue.acks.next_clear(offset + 1)) {
        if (leased.contains(offset) || waits_since_before(queue, offset, now)) {
            continue;
        }
        if (!hold.runs.empty() && hold.runs.back().first + hold.runs.back().count == offset) {
            hold.runs.back().count += 1;
        } else {
            hold.runs.push_back({offset, 1, 0, 0, nullptr, 0});
        }
        queue.leased_plain += 1;
    }
    if (!hold.runs.empty()) {
        queue.leases.add(std::move(hold));
    }
    queue.lane.hold(queue.lane_horizon, now + std::min(queue.settings.lease_ms, state.options.restart_grace_ms),
                    queue.kind == QueueKind::queue);
    queue.restart_lane_horizon = queue.lane_horizon;
}

/// What follows from its records once all of them are there.
void resume_queue(State& state, Namespace& space, Queue& queue, TimeMs now) {
    queue.next = queue.horizon;
    key_settings_changed(queue);
    const auto target = space.queues.find(queue.settings.dead_letter_queue);
    if (target != space.queues.end()) {
        target->second->dead_letter_users += 1;
    }
    queue.lane.window().restore(queue.timed_count);
    queue.prioritized.restore(queue.prioritized_count);
    if (queue.groups) {
        queue.groups->ring.restore(queue.groups->count);
        resume_groups(state, queue, now);
    }
    hold_unrecorded(state, queue, now);
    queue.first_batch = queue.next_batch;
    if (queue.settings.durability == Durability::os) {
        queue.starts.add(state.options.epoch, queue.end);
    }
    queue.recorded_through = queue.next_batch - 1;
    for (const auto& [key, parked] : queue.names.parked) {
        state.parked_bytes += parked.body.size_of(0);
    }
    queue.next_expiry = queue.has_expiries ? 1 : 0;
    const bool fills = queue.references && !queue.references->fills.empty();
    const bool idle = !fills && queue.waiting_again.empty() && queue.kind != QueueKind::topic && !queue.has_expiries &&
                      !queue.flows.has_parents && !queue.reports.to_sweep && queue.leases.empty() &&
                      queue.timed_count == 0 && queue.prioritized_count == 0 && queue.settings.message_ttl_ms == 0 &&
                      queue.completed.counts.messages == 0 && queue.failed.counts.messages == 0 &&
                      queue.events.counts.first_chunk == queue.events.counts.next && !queue.names.counts.used;
    if (!idle) {
        state.arm(queue, now);
    }
}

}  // namespace

void restore_record(State& state, const Mutation& record) {
    if (const auto* shard = std::get_if<PutShard>(&record)) {
        state.next_namespace = std::max(state.next_namespace, shard->next_namespace);
        state.next_queue = std::max(state.next_queue, shard->next_queue);
        state.schedules.next_id = std::max(state.schedules.next_id, shard->next_schedule);
        state.flows.lost = state.flows.lost_before_restart = shard->lost_children;
    } else if (const auto* space = std::get_if<PutNamespace>(&record)) {
        state.namespaces[space->name] = Namespace{space->id, space->name, {}};
        state.next_namespace = std::max(state.next_namespace, value(space->id) + 1);
    } else if (const auto* queue = std::get_if<PutQueue>(&record)) {
        restore_queue(state, *queue);
    } else if (const auto* lease = std::get_if<PutLease>(&record)) {
        state.restored_leases.push_back(*lease);
    } else if (const auto* task = std::get_if<PutTask>(&record)) {
        restore_task(state, *task);
    } else if (std::holds_alternative<PutSchedule>(record) || std::holds_alternative<PutScheduleProgress>(record)) {
        restore_schedule(state, record);
    } else if (const auto* binding = std::get_if<PutBinding>(&record)) {
        restore_binding(state, *binding);
    } else if (const auto* news = std::get_if<PutFlowNews>(&record)) {
        restore_news(state, *news);
    } else if (std::holds_alternative<PutQueueState>(record) || std::holds_alternative<PutAckPage>(record) ||
               std::holds_alternative<PutReturned>(record) || std::holds_alternative<PutProducer>(record) ||
               std::holds_alternative<PutGroup>(record) || std::holds_alternative<PutParked>(record) ||
               std::holds_alternative<PutJobMinutes>(record) || std::holds_alternative<PutFill>(record)) {
        if (Queue* known = state.find(queue_of(record))) {
            restore_part(*known, record);
        } else {
            state.restored_parts.push_back(record);
        }
    }
}

void finish_restore(State& state, TimeMs now) {
    for (const Mutation& part : std::exchange(state.restored_parts, {})) {
        if (Queue* queue = state.find(queue_of(part))) {
            restore_part(*queue, part);
        }
    }
    std::map<NamespaceId, Namespace*> spaces;
    for (auto& [name, space] : state.namespaces) {
        spaces[space.id] = &space;
    }
    for (auto& [id, queue] : state.queues) {
        const auto space = spaces.find(queue->ns);
        require(space != spaces.end(), "a restored queue has its namespace");
        space->second->queues[queue->name] = queue.get();
    }
    for (auto& [name, space] : state.namespaces) {
        for (auto& [queue_name, queue] : space.queues) {
            if (queue->kind == QueueKind::subscription) {
                rejoin_topic(state, *queue);
            }
        }
    }
    std::sort(state.restored_leases.begin(), state.restored_leases.end(), [](const PutLease& a, const PutLease& b) {
        return std::pair(value(a.id), a.batch) < std::pair(value(b.id), b.batch);
    });
    for (const PutLease& lease : std::exchange(state.restored_leases, {})) {
        if (Queue* queue = state.find(lease.id)) {
            restore_lease(state, *queue, lease, now);
        }
    }
    for (auto& [name, space] : state.namespaces) {
        for (auto& [queue_name, queue] : space.queues) {
            resume_queue(state, space, *queue, now);
        }
    }
    drop_news_of_gone_queues(state);
    finish_restoring_schedules(state, now);
    finish_restoring_tasks(state, now);
    state.producers_swept_at = now;
}

}  // namespace baton::core
