// Leases of before a restart: those with records are held again by the sessions they belong to. The body of a message
// from the lane is read anew, and only its record tells whether the lease still stands.
#include "server/core/lane_placing.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace baton::core {

namespace {

/// Whether what the consumer holds was all delivered before this record.
bool is_older(State& state, const Consumer& consumer, const PutLease& record) {
    Queue& queue = *state.find(consumer.queue);
    return std::all_of(consumer.batches.begin(), consumer.batches.end(), [&](BatchNumber number) {
        return queue.leases.find(number)->delivered_at <= record.delivered_at;
    });
}

/// What was left of the leases of a consumer that was closed, and whose id another has.
void leave_to_deadline(LeaseBatch& batch, DurationMs grace_ms, TimeMs now) {
    batch.consumer = nullptr;
    batch.deadline = std::min(batch.deadline, now + grace_ms);
}

/// The id went to another queue when its consumer was closed, and what that one held was not all given back yet.
void hand_over(State& state, Queue& queue, Consumer& consumer, TimeMs now) {
    Queue& before = *state.find(consumer.queue);
    for (const BatchNumber number : std::exchange(consumer.batches, {})) {
        LeaseBatch& batch = *before.leases.find(number);
        leave_to_deadline(batch, state.options.restart_grace_ms, now);
        before.leases.refile(batch);
    }
    std::erase(before.consumers, &consumer);
    consumer.queue = queue.id;
    consumer.in_flight_messages = 0;
    consumer.isolated = 0;
    queue.consumers.push_back(&consumer);
}

/// The consumer that held a restored lease, waiting for its session to come back. Null when its id is that of a later
/// one of another queue.
Consumer* consumer_of(State& state, Queue& queue, const PutLease& record, TimeMs now) {
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
    } else if (consumer->queue != queue.id) {
        if (!is_older(state, *consumer, record)) {
            return nullptr;
        }
        hand_over(state, queue, *consumer, now);
        consumer->worker = record.worker;
    }
    return consumer.get();
}

struct RestoredBatch {
    LeaseBatch batch;
    std::vector<bool> started;
};

void keep(Queue& queue, RestoredBatch& restored, const PutLease::Range& range, Offset offset) {
    LeaseBatch& batch = restored.batch;
    batch.runs.push_back({offset, 1, 0, 0, nullptr, 0});
    LeasedDetail detail;
    detail.counters = range.counters;
    detail.cause = range.cause;
    detail.ends_at = range.ends_at;
    detail.cancelled = range.cancelled;
    if (range.from_lane) {
        detail.lane.emplace();
        detail.lane->offset = offset;
        detail.lane->lane = range.lane;
        detail.lane->group = range.lane_group;
        queue.to_attach.push_back(
            {range.lane, {range.lane_at, offset, range.lane_rank, range.lane_group}, batch.number});
        queue.attaching += 1;
        if (range.lane == Lane::grouped) {
            group_lease_restored(queue, range.lane_group, offset);
        } else {
            queue.window_of(range.lane).mark_out(offset);
        }
        queue.leased_of(range.lane) += 1;
    } else {
        if (const auto returned = queue.returned.find(offset); returned != queue.returned.end()) {
            detail.attempts = returned->second.attempts;
            detail.isolated = returned->second.isolated;
        }
        queue.leased_plain += 1;
    }
    batch.details.emplace(static_cast<std::uint32_t>(restored.started.size()), std::move(detail));
    restored.started.push_back(range.started);
}

/// Its consumer holds it alone again.
void hold_alone(LeaseBatch& batch) {
    batch.isolated = true;
    if (batch.consumer != nullptr) {
        batch.consumer->isolated += 1;
    }
}

/// A record may be older than what became of its messages.
bool still_held(const Queue& queue, const PutLease& record, Offset offset) {
    const auto returned = queue.returned.find(offset);
    const bool came_back = returned != queue.returned.end() && returned->second.fence >= record.batch;
    return offset < queue.end && !queue.acks.test(offset) && !came_back;
}

}  // namespace

void restore_lease(State& state, Queue& queue, const PutLease& record, TimeMs now) {
    RestoredBatch restored;
    LeaseBatch& batch = restored.batch;
    batch.number = record.batch;
    batch.epoch = record.epoch;
    batch.session = record.session;
    batch.consumer_id = record.consumer;
    batch.worker = record.worker;
    batch.lease_ms = record.lease_ms;
    batch.delivered_at = record.delivered_at != 0 ? record.delivered_at : now;
    batch.deadline = record.deadline;
    batch.ends_at = record.ends_at;
    batch.recorded = true;
    for (const PutLease::Range& range : record.ranges) {
        for (Offset offset = range.first; offset < range.first + range.count; ++offset) {
            if (range.from_lane || still_held(queue, record, offset)) {
                keep(queue, restored, range, offset);
            }
        }
    }
    if (batch.runs.empty()) {
        return;
    }
    if (Consumer* consumer = consumer_of(state, queue, record, now)) {
        batch.consumer = consumer;
        consumer->batches.insert(batch.number);
        consumer->in_flight_messages += restored.started.size();
    } else {
        leave_to_deadline(batch, state.options.restart_grace_ms, now);
    }
    LeaseBatch& filed = queue.leases.add(std::move(batch));
    if (filed.size == 1 && filed.details.begin()->second.isolated) {
        hold_alone(filed);
    }
    for (std::uint32_t i = 0; i < restored.started.size(); ++i) {
        if (restored.started[i]) {
            set_bits(filed.started, i, 1);
        }
    }
}

void attach_restored(State& state, Queue& queue, Round& round) {
    for (const auto& [lane, key, batch] : std::exchange(queue.to_attach, {})) {
        state.read_lane(queue, lane, key, 1, PendingRead{queue.id, AttachLane{batch, key, lane}}, round);
    }
}

namespace {

/// Every lease of before the restart is known to stand or not: what waited for that goes on.
void all_attached(State& state, Queue& queue, TimeMs now, Round& round) {
    // An older lease record of a message may have unmarked what a newer one holds.
    for (const auto& [number, held] : queue.leases.batches()) {
        for (const auto& [at, detail] : held->details) {
            if (detail.lane && !held->is_settled(at)) {
                mark_out(queue, *detail.lane);
            }
        }
    }
    for (const GiveBackLater& later : std::exchange(queue.give_back_later, {})) {
        LeaseBatch* ended = queue.leases.find(later.batch);
        const LeasedRun* its_run = ended == nullptr ? nullptr : ended->run_of(later.offset);
        if (its_run != nullptr && !ended->is_settled(ended->position_of(*its_run, later.offset))) {
            give_back(state, queue, *ended, ended->position_of(*its_run, later.offset), later.offset, later.how, now,
                      round);
        }
    }
    for (Request& waiting : std::exchange(queue.waiting_attach, {})) {
        state.rerun.push_back(std::move(waiting));
    }
    state.arm(queue, INT64_MIN);
}

/// The record that the lease holds: it was neither moved nor given back since.
bool still_there(const LaneRead& found, const AttachLane& where) {
    if (found.records.empty() || key_of(where.lane, found.records.front()) != where.key) {
        return false;
    }
    const MetaPtr& meta = found.records.front().meta;
    return !meta || meta->fence < where.batch;
}

}  // namespace

void attach_lane(State& state, Queue& queue, const AttachLane& where, LaneRead&& found, TimeMs now, Round& round) {
    queue.attaching -= 1;
    LeaseBatch* batch = queue.leases.find(where.batch);
    const LeasedRun* run = batch == nullptr ? nullptr : batch->run_of(where.key.offset);
    if (run != nullptr) {
        const std::uint32_t position = batch->position_of(*run, where.key.offset);
        LeasedDetail& detail = batch->details.at(position);
        if (still_there(found, where)) {
            MessageRecord& record = found.records.front();
            if (record.meta) {
                detail.attempts = record.meta->attempts;
                detail.isolated = record.meta->isolated;
            }
            if (detail.isolated && batch->size == 1) {
                hold_alone(*batch);
            }
            if (record.lane == Lane::grouped) {
                state_of(*queue.groups, record.meta->group);  // Its name is known from here on.
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
            queue.leased_of(where.lane) -= 1;
            if (where.lane == Lane::grouped) {
                queue.groups->ring.removed(where.key);
            } else {
                queue.window_of(where.lane).removed(where.key);
            }
            close_lease(state, queue, *batch, position, 1, 0, round);
        }
    }
    if (queue.attaching == 0) {
        all_attached(state, queue, now, round);
    }
}

}  // namespace baton::core
