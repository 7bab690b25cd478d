// Leases on disk: quick work writes none; one still held after a moment gets a record, so that a restart knows its
// deadline.
#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

PutLease lease_record(const Queue& queue, const LeaseBatch& batch) {
    PutLease record{queue.ns,     queue.id,       batch.number,   batch.epoch,        batch.session, batch.consumer_id,
                    batch.worker, batch.lease_ms, batch.deadline, batch.delivered_at, batch.ends_at, {}};
    for (const LeasedRun& run : batch.runs) {
        for (std::uint32_t i = 0; i < run.count; ++i) {
            const std::uint32_t position = run.position + i;
            if (batch.is_settled(position)) {
                continue;
            }
            PutLease::Range range{
                run.first + i, 1, false, 0, batch.is_started(position), {1, 0, 0}, Cause::none, Lane::timed, 0, {}, 0,
                false};
            if (const auto found = batch.details.find(position); found != batch.details.end()) {
                range.counters = found->second.counters;
                range.cause = found->second.cause;
                range.from_lane = found->second.lane.has_value();
                range.ends_at = found->second.ends_at;
                range.cancelled = found->second.cancelled;
                if (range.from_lane) {
                    const MessageRecord& lane = *found->second.lane;
                    range.lane = lane.lane;
                    range.lane_at = key_of(lane.lane, lane).at;
                    range.lane_rank = key_of(lane.lane, lane).rank;
                    range.lane_group = lane.group;
                }
                // One deadline a record: the latest, so that no lease is cut short by a restart.
                record.deadline = std::max(record.deadline, found->second.deadline);
            }
            PutLease::Range* last = record.ranges.empty() ? nullptr : &record.ranges.back();
            const bool joins = last != nullptr && !range.from_lane && !last->from_lane &&
                               last->first + last->count == range.first && last->started == range.started &&
                               last->counters == range.counters && last->cause == range.cause &&
                               last->ends_at == range.ends_at && last->cancelled == range.cancelled;
            if (joins) {
                last->count += 1;
            } else {
                record.ranges.push_back(range);
            }
        }
    }
    return record;
}

void record_leases(State& state, Queue& queue, TimeMs now, Round& round) {
    const auto& batches = queue.leases.batches();
    for (auto next = batches.upper_bound(queue.recorded_through); next != batches.end(); ++next) {
        LeaseBatch& batch = *next->second;
        const TimeMs due = batch.delivered_at + limits::lease_record_after_ms;
        if (due > now && state.delivering) {
            state.arm(queue, due);
            return;
        }
        queue.recorded_through = batch.number;
        // One written with its delivery does not say yet which of its messages were begun.
        if (!batch.restart_hold && (!batch.recorded || batch.any_started())) {
            batch.recorded = true;
            round.mutations.push_back(lease_record(queue, batch));
            state.touch(queue, round);
        }
    }
}

}  // namespace baton::core
