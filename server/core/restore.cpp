// Start-up: the state as its records tell it, and what a restart means for leases. A message below the delivery horizon
// without a record may have been delivered: it is held for its old token for a grace, then delivered again with cause
// `restart`.
#include "server/core/limits.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"

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
        queue.live_bytes = known->live_bytes;
        queue.failed_bytes = known->failed_bytes;
        queue.totals = known->totals;
    } else if (const auto* page = std::get_if<PutAckPage>(&part)) {
        queue.acks.restore(*page);
    } else if (const auto* returned = std::get_if<PutReturned>(&part)) {
        queue.returned[returned->offset] = {returned->counters, returned->cause, returned->attempts, returned->fence};
    } else if (const auto* producer = std::get_if<PutProducer>(&part)) {
        queue.producers.restore(*producer);
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
    return std::get<PutProducer>(part).id;
}

/// The consumer that held a restored lease, waiting for its session to come back.
Consumer& consumer_of(State& state, Queue& queue, const PutLease& record, TimeMs now) {
    auto& session = state.sessions[record.session];
    if (!session) {
        session = std::make_unique<Session>();
        session->id = record.session;
        session->grace_ms = state.options.restart_grace_ms;
        session->ends_at = now + session->grace_ms;
        state.session_timers.emplace(session->ends_at, session->id);
    }
    auto& consumer = session->consumers[record.consumer];
    if (!consumer) {
        consumer = std::make_unique<Consumer>();
        consumer->id = record.consumer;
        consumer->session = record.session;
        consumer->queue = queue.id;
        consumer->worker = record.worker;
        queue.consumers.push_back(consumer.get());
    }
    return *consumer;
}

void restore_lease(State& state, Queue& queue, const PutLease& record, TimeMs now) {
    LeaseBatch batch;
    batch.number = record.batch;
    batch.epoch = record.epoch;
    batch.session = record.session;
    batch.consumer_id = record.consumer;
    batch.worker = record.worker;
    batch.lease_ms = record.lease_ms;
    batch.delivered_at = now;
    batch.deadline = record.deadline;
    batch.recorded = true;
    std::vector<bool> started;
    std::uint32_t position = 0;
    const auto keep = [&](const PutLease::Range& range, Offset offset, bool lane) {
        batch.runs.push_back({offset, 1, 0, 0, nullptr, 0});
        LeasedDetail detail;
        detail.counters = range.counters;
        detail.cause = range.cause;
        if (const auto returned = queue.returned.find(offset); !lane && returned != queue.returned.end()) {
            detail.attempts = returned->second.attempts;
        }
        if (lane) {
            detail.lane.emplace();
            detail.lane->offset = offset;
            queue.to_attach.push_back({{range.lane_at, offset}, record.batch});
            queue.attaching += 1;
            queue.lane.mark_out(offset);
            queue.leased_lane += 1;
        } else {
            queue.leased_plain += 1;
        }
        batch.details.emplace(position++, std::move(detail));
        started.push_back(range.started);
    };
    for (const PutLease::Range& range : record.ranges) {
        for (Offset offset = range.first; offset < range.first + range.count; ++offset) {
            if (range.from_lane) {
                keep(range, offset, true);
                continue;
            }
            const auto returned = queue.returned.find(offset);
            const bool came_back = returned != queue.returned.end() && returned->second.fence >= record.batch;
            if (offset < queue.end && !queue.acks.test(offset) && !came_back) {
                keep(range, offset, false);
            }
        }
    }
    if (batch.runs.empty()) {
        return;
    }
    Consumer& consumer = consumer_of(state, queue, record, now);
    batch.consumer = &consumer;
    consumer.batches.insert(batch.number);
    consumer.in_flight_messages += position;
    LeaseBatch& filed = queue.leases.add(std::move(batch));
    for (std::uint32_t i = 0; i < started.size(); ++i) {
        if (started[i]) {
            set_bits(filed.started, i, 1);
        }
    }
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
        if (leased.contains(offset)) {
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
    queue.lane.hold(queue.lane_horizon, now + std::min(queue.settings.lease_ms, state.options.restart_grace_ms));
    queue.restart_lane_horizon = queue.lane_horizon;
}

}  // namespace

void restore_record(State& state, const Mutation& record) {
    if (const auto* shard = std::get_if<PutShard>(&record)) {
        state.next_namespace = std::max(state.next_namespace, shard->next_namespace);
        state.next_queue = std::max(state.next_queue, shard->next_queue);
    } else if (const auto* space = std::get_if<PutNamespace>(&record)) {
        state.namespaces[space->name] = Namespace{space->id, space->name, {}};
        state.next_namespace = std::max(state.next_namespace, value(space->id) + 1);
    } else if (const auto* queue = std::get_if<PutQueue>(&record)) {
        restore_queue(state, *queue);
    } else if (const auto* lease = std::get_if<PutLease>(&record)) {
        state.restored_leases.push_back(*lease);
    } else if (std::holds_alternative<PutQueueState>(record) || std::holds_alternative<PutAckPage>(record) ||
               std::holds_alternative<PutReturned>(record) || std::holds_alternative<PutProducer>(record)) {
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
            queue->next = queue->horizon;
            const auto target = space.queues.find(queue->settings.dead_letter_queue);
            if (target != space.queues.end()) {
                target->second->dead_letter_users += 1;
            }
            queue->lane.restore(queue->timed_count);
            hold_unrecorded(state, *queue, now);
            queue->first_batch = queue->next_batch;
            queue->recorded_through = queue->next_batch - 1;
            const bool idle = queue->leases.empty() && queue->timed_count == 0 && queue->settings.message_ttl_ms == 0;
            if (!idle) {
                state.arm(*queue, now);
            }
        }
    }
    state.producers_swept_at = now;
}

void attach_restored(State& state, Queue& queue, Round& round) {
    for (const auto& [key, batch] : std::exchange(queue.to_attach, {})) {
        state.read_lane(queue, Lane::timed, key, 1, PendingRead{queue.id, AttachLane{batch, key}}, round);
    }
}

void attach_lane(State& state, Queue& queue, const AttachLane& where, LaneRead&& found, TimeMs now, Round& round) {
    queue.attaching -= 1;
    LeaseBatch* batch = queue.leases.find(where.batch);
    const LeasedRun* run = batch == nullptr ? nullptr : batch->run_of(where.key.offset);
    if (run != nullptr) {
        const std::uint32_t position = batch->position_of(*run, where.key.offset);
        LeasedDetail& detail = batch->details.at(position);
        if (!found.records.empty() && LaneKey{found.records.front().at, found.records.front().offset} == where.key) {
            MessageRecord& record = found.records.front();
            if (record.meta) {
                detail.attempts = record.meta->attempts;
            }
            for (LeasedRun& own : batch->runs) {
                if (own.first == where.key.offset) {
                    own.index = record.body.index;
                    own.index_from = record.body.from;
                }
            }
            detail.lane = std::move(record);
        } else {
            // The record left with a settle whose lease record outlived it: nothing is held.
            queue.leased_lane -= 1;
            queue.lane.removed(where.key.offset);
            close_lease(state, queue, *batch, position, 1, 0, round);
        }
    }
    if (queue.attaching == 0) {
        // An older lease record of a message may have unmarked what a newer one holds.
        for (const auto& [number, held] : queue.leases.batches()) {
            for (const auto& [at, detail] : held->details) {
                if (detail.lane && !held->is_settled(at)) {
                    queue.lane.mark_out(detail.lane->offset);
                }
            }
        }
        for (const GiveBackLater& later : std::exchange(queue.give_back_later, {})) {
            LeaseBatch* ended = queue.leases.find(later.batch);
            const LeasedRun* its_run = ended == nullptr ? nullptr : ended->run_of(later.offset);
            if (its_run != nullptr && !ended->is_settled(ended->position_of(*its_run, later.offset))) {
                give_back(state, queue, *ended, ended->position_of(*its_run, later.offset), later.offset, later.how,
                          now, round);
            }
        }
        for (Request& waiting : std::exchange(queue.waiting_attach, {})) {
            state.rerun.push_back(std::move(waiting));
        }
        state.arm(queue, INT64_MIN);
    }
}

}  // namespace baton::core
