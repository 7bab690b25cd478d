#include "server/core/lane_placing.hpp"

#include "server/core/expiry_index.hpp"
#include "server/core/groups.hpp"
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/state.hpp"

#include <memory>
#include <utility>

namespace baton::core {

namespace {

void locate(Queue& queue, const MessageRecord& record, const LaneKey& key, Round& round) {
    if (keeps_locators(queue) || (record.meta && record.meta->identity)) {
        round.mutations.push_back(
            PutLocator{queue.ns, queue.id, record.offset, record.lane, key.at, key.rank, key.group});
    }
    queue.job_reads.changed(record.offset);
}

/// Who held it last keeps the right to a late ack only while it is ready.
void move_fence(Queue& queue, const MessageRecord& record, bool ready) {
    const auto fence = queue.lane_fences.find(record.offset);
    if (fence == queue.lane_fences.end()) {
        return;
    }
    if (ready) {
        fence->second.lane = record.lane;
        fence->second.key = key_of(record.lane, record);
    } else {
        queue.lane_fences.erase(fence);
    }
}

void put_ranked(State& state, Queue& queue, MessageRecord&& record, Round& round) {
    if (record.meta->lifo && record.meta->front == 0) {
        auto meta = std::make_shared<MessageMeta>(*record.meta);
        meta->front = ++queue.fronts;
        record.meta = std::move(meta);
    }
    const Place place = place_of(queue, record);
    const bool grouped = is_grouped(queue, record.meta);
    record.lane = grouped ? Lane::grouped : Lane::prioritized;
    record.group = grouped ? record.meta->group->id : GroupId{};
    record.rank = place.rank;
    record.turn = place.ready_at;
    queue.scheduled_runs.entered_lane(record.offset);
    locate(queue, record, key_of(record.lane, record), round);
    move_fence(queue, record, true);
    round.mutations.push_back(PutLaneRecord{queue.ns, queue.id, record.lane, queue.lane_generation, record});
    index_record(state, queue, record, round);
    state.touch(queue, round);
    state.pump_later(queue);
    if (grouped) {
        entered_group_lane(queue, record);
        queue.groups->ring.insert(std::move(record));
    } else {
        queue.prioritized_count += 1;
        note_ready(queue, record, true);
        queue.prioritized.insert(std::move(record));
    }
}

}  // namespace

Place place_of(const Queue& queue, const MessageRecord& record) {
    const std::uint32_t priority = record.meta ? record.meta->priority : 0;
    const std::uint64_t front = record.meta ? record.meta->front : 0;
    const TimeMs turn = front != 0 ? -static_cast<TimeMs>(front) : record.ready_at;
    return {rank_of(queue, record.ready_at, priority), turn, record.offset};
}

void insert_ready(Queue& queue, MessageRecord&& record) {
    if (queue.keys) {
        queue.keys->wait(record.offset, has_group(record.meta) ? record.meta->group->id : GroupId{});
    }
    const Place place = place_of(queue, record);
    queue.lane.insert_ready(place, std::move(record));
}

std::optional<MessageRecord> take_ready(Queue& queue, Offset offset) {
    if (queue.keys && queue.lane.find_ready(offset) != nullptr) {
        queue.keys->left(offset);
    }
    return queue.lane.take_ready(offset);
}

void put_lane_record(State& state, Queue& queue, MessageRecord&& record, bool ready, Round& round) {
    add_event(state, queue, ready ? EventType::waiting : EventType::delayed, record.offset, 1, round);
    if (ready && is_ranked(queue, record.meta)) {
        put_ranked(state, queue, std::move(record), round);
        return;
    }
    record.lane = Lane::timed;
    locate(queue, record, key_of(record.lane, record), round);
    move_fence(queue, record, ready);
    round.mutations.push_back(PutLaneRecord{queue.ns, queue.id, Lane::timed, queue.lane_generation, record});
    index_record(state, queue, record, round);
    queue.timed_count += 1;
    if (is_grouped(queue, record.meta)) {
        entered_group_lane(queue, record);
    }
    queue.scheduled_runs.entered_lane(record.offset);
    state.touch(queue, round);
    if (ready) {
        insert_ready(queue, std::move(record));
        state.pump_later(queue);
    } else {
        state.arm(queue, planted(PlantedBug::timer_early) ? record.at - 1 : record.at);
        queue.lane.window().insert(std::move(record));
    }
}

void put_leased_record(State& state, Queue& queue, const MessageRecord& record, Round& round) {
    locate(queue, record, key_of(record.lane, record), round);
    round.mutations.push_back(PutLaneRecord{queue.ns, queue.id, record.lane, queue.lane_generation, record});
    index_record(state, queue, record, round);
    queue.timed_count += 1;
    mark_out(queue, record);
    queue.scheduled_runs.entered_lane(record.offset);
    state.touch(queue, round);
}

void store_in_lane(State& state, Queue& queue, const EntryRun& body, MetaPtr meta, TimeMs due, TimeMs now,
                   Round& round) {
    MessageRecord record;
    record.offset = queue.end;
    record.ready_at = record.at = due;
    record.stored_at = now;
    record.meta = std::move(meta);
    record.body = body;
    add_event(state, queue, EventType::added, queue.end, 1, round);
    queue.acks.set_range(queue.end, 1);
    queue.end += 1;
    queue.live_bytes += body.size_of(0);
    round.bytes += body.size_of(0);
    put_lane_record(state, queue, std::move(record), due <= now, round);
}

MessageRecord store_waiting_children(State& state, Queue& queue, MessageRecord&& record, Round& round) {
    add_event(state, queue, EventType::added, record.offset, 1, round);
    queue.acks.set_range(queue.end, 1);
    queue.end += 1;
    queue.live_bytes += record.body.size_of(0);
    return put_waiting_children(state, queue, std::move(record), round);
}

MessageRecord put_waiting_children(State& state, Queue& queue, MessageRecord&& record, Round& round) {
    record.lane = Lane::waiting_children;
    record.body = record.body.apart();  // Its flow may keep it in memory for long.
    add_event(state, queue, EventType::waiting_children, record.offset, 1, round);
    queue.flows.waiting += 1;
    round.bytes += record.body.size_of(0);
    locate(queue, record, key_of(record.lane, record), round);
    queue.scheduled_runs.entered_lane(record.offset);
    round.mutations.push_back(PutLaneRecord{queue.ns, queue.id, record.lane, queue.lane_generation, record});
    state.touch(queue, round);
    return std::move(record);
}

void remove_lane_record(Queue& queue, Lane lane, const LaneKey& key, Round& round) {
    round.mutations.push_back(
        RemoveLaneRecord{queue.ns, queue.id, lane, queue.lane_generation, key.at, key.offset, key.rank, key.group});
    if (keeps_locators(queue) || queue.names.counts.used) {
        round.mutations.push_back(RemoveLocator{queue.ns, queue.id, key.offset});
    }
    queue.job_reads.changed(key.offset);
    queue.scheduled_runs.left_lane(key.offset);
    if (lane == Lane::grouped) {
        left_group_lane(queue, lane, key.group, false);
        queue.groups->ring.removed(key);
    } else if (lane == Lane::waiting_children) {
        queue.flows.waiting -= 1;
    } else if (lane == Lane::prioritized) {
        queue.prioritized_count -= 1;
        note_leaving(queue, key);
        queue.prioritized.removed(key);
    } else {
        queue.timed_count -= 1;
        queue.lane.window().removed(key);
    }
}

void remove_lane_record(Queue& queue, const MessageRecord& record, Round& round) {
    unindex_record(queue, record, round);
    remove_lane_record(queue, record.lane, key_of(record.lane, record), round);
    if (record.lane == Lane::timed && is_grouped(queue, record.meta)) {
        left_group_lane(queue, record.lane, record.meta->group->id, record.meta->counters.deliveries != 0);
    }
}

void mark_out(Queue& queue, const MessageRecord& record) {
    if (record.lane == Lane::grouped) {
        queue.groups->ring.mark_out(record.offset);
    } else {
        queue.window_of(record.lane).mark_out(record.offset);
    }
}

void promote_due(State& state, Queue& queue, TimeMs now, Round& round) {
    // A queue with much that is due holds up no other: each may move some.
    std::uint32_t moved = 0;
    while (moved < limits::lane_moves_per_call_min || round.lane_moves < limits::lane_moves_per_round_max) {
        std::optional<MessageRecord> record = queue.lane.take_due(now);
        if (!record) {
            if (queue.attaching == 0 && queue.lane.window().wants_load()) {
                state.arm(queue, now);  // More of what is due may be on disk.
            }
            return;
        }
        add_event(state, queue, EventType::waiting, record->offset, 1, round);
        if (!is_ranked(queue, record->meta)) {
            insert_ready(queue, std::move(*record));
            continue;
        }
        remove_lane_record(queue, *record, round);
        round.bytes += record->body.size_of(0);
        put_ranked(state, queue, std::move(*record), round);
        ++round.lane_moves;
        ++moved;
    }
    state.arm(queue, now);
}

}  // namespace baton::core
