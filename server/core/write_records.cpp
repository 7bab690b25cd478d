// The records of everything that a round has touched, at its end.
#include "server/core/finished_log.hpp"
#include "server/core/flows.hpp"
#include "server/core/state.hpp"

#include <utility>

namespace baton::core {

namespace {

PutQueueState state_record(const Queue& queue) {
    PutQueueState record;
    record.ns = queue.ns;
    record.id = queue.id;
    record.end = queue.end;
    record.horizon = queue.horizon;
    record.lane_horizon = queue.lane_horizon;
    record.next_batch = queue.next_batch;
    record.lane_generation = queue.lane_generation;
    record.failed_generation = queue.failed_generation;
    record.timed_count = queue.timed_count;
    record.failed_count = queue.failed_count;
    record.prioritized_count = queue.prioritized_count;
    record.grouped_count = queue.groups ? queue.groups->count : 0;
    record.fronts = queue.fronts;
    record.live_bytes = queue.live_bytes;
    record.failed_bytes = queue.failed_bytes;
    record.completed = queue.completed.counts;
    record.failed = queue.failed.counts;
    record.completed_generation = queue.completed_generation;
    record.events = queue.events.counts;
    record.totals = queue.totals;
    record.bucket = queue.bucket;
    record.penalty_until = queue.penalty_until;
    record.has_expiries = queue.has_expiries;
    record.has_reports = queue.reports.any;
    record.sweep_reports = queue.reports.to_sweep;
    record.names = queue.names.counts;
    record.starts = queue.starts.marks();
    record.flows = queue.flows;
    record.log_bytes = queue.log_bytes;
    record.token_floor = queue.token_floor;
    record.holes = queue.holes;
    record.compacted_bytes = queue.compacted_bytes;
    queue.acks.fill(record);
    return record;
}

}  // namespace

void write_records(State& state, TimeMs now, Round& round) {
    for (const QueueId id : std::exchange(state.dirty, {})) {
        Queue* queue = state.find(id);
        if (queue == nullptr) {
            continue;
        }
        close_events(state, *queue, now, round);
        close_runs(state, *queue);
        close_finished(state, *queue, round);
        queue->dirty = false;
        queue->acks.append_changes(queue->ns, queue->id, round.mutations);
        write_groups(*queue, round);
        note_minute(*queue, now, round);
        PutQueueState record = state_record(*queue);
        queue->producers.write(record, round.mutations);
        round.mutations.push_back(std::move(record));
        state.shrink_window(*queue);
    }
    write_schedules(state, round);
    write_flows(state, round);
    if (std::exchange(state.shard_dirty, false)) {
        round.mutations.push_back(
            PutShard{state.next_namespace, state.next_queue, state.schedules.next_id, state.flows.lost});
    }
}

}  // namespace baton::core
