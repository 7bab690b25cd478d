// Purge: everything that waits or is delayed is gone in one commit, whatever the size; what is leased stays.
#include "server/core/expiry_index.hpp"
#include "server/core/finished_log.hpp"
#include "server/core/flows.hpp"
#include "server/core/job_wait.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/names.hpp"
#include "server/core/reference_log.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <algorithm>
#include <set>

namespace baton::core {

namespace {

/// Offsets of the plain lane that are leased, or on their way out, and so survive.
std::set<Offset> surviving(const Queue& queue) {
    std::set<Offset> offsets;
    for (const auto& [number, batch] : queue.leases.batches()) {
        if (batch->restart_hold) {
            continue;  // Perhaps never delivered: a purge may take it.
        }
        for (const LeasedRun& run : batch->runs) {
            for (std::uint32_t i = 0; i < run.count; ++i) {
                const auto detail = batch->details.find(run.position + i);
                const bool lane = detail != batch->details.end() && detail->second.lane;
                if (!lane && !batch->is_settled(run.position + i)) {
                    offsets.insert(run.first + i);
                }
            }
        }
    }
    for (const auto& [offset, message] : queue.moving) {
        offsets.insert(offset);
    }
    return offsets;
}

void purge_plain(State& state, Queue& queue, const std::set<Offset>& survivors, Round& round) {
    for (auto record = queue.returned.begin(); record != queue.returned.end();) {
        if (survivors.contains(record->first)) {
            ++record;
            continue;
        }
        round.mutations.push_back(RemoveReturned{queue.ns, queue.id, record->first});
        record = queue.returned.erase(record);
    }
    queue.waiting_again.clear();
    if (queue.keys) {
        queue.keys->clear_waiting();
    }
    const std::size_t before = queue.window.bytes();
    std::vector<Mutation> others;
    queue.window.purge(
        queue.ns, queue.id, queue.end, [&](Offset offset) { return survivors.contains(offset); },
        queue.topic != nullptr ? others : round.mutations);
    state.window_bytes -= before - queue.window.bytes();
    Offset from = queue.acks.low();
    for (const Offset offset : survivors) {
        queue.acks.set_range(from, offset - from);
        from = offset + 1;
    }
    queue.acks.set_range(from, queue.end - from);
    queue.next = queue.end;
}

/// A new generation: the records of the old one are dead on sight. Leased ones are written again.
void purge_lane(Queue& queue, Round& round) {
    queue.lane.clear();
    queue.prioritized.clear();
    if (queue.counting.running) {
        queue.counting.running->restart();
    }
    queue.lane_fences.clear();
    queue.lane_generation += 1;
    queue.timed_count = queue.prioritized_count = 0;
    purge_groups(queue);
    const bool located = keeps_locators(queue) || queue.names.counts.used;
    if (located) {
        round.mutations.push_back(SweepLocators{queue.ns, queue.id});
    }
    for (const auto& [number, batch] : queue.leases.batches()) {
        for (const auto& [position, detail] : batch->details) {
            if (detail.lane && !batch->is_settled(position)) {
                const Lane lane = detail.lane->lane;
                round.mutations.push_back(PutLaneRecord{queue.ns, queue.id, lane, queue.lane_generation, *detail.lane});
                if (located) {
                    const LaneKey key = key_of(lane, *detail.lane);
                    round.mutations.push_back(
                        PutLocator{queue.ns, queue.id, key.offset, lane, key.at, key.rank, key.group});
                }
                if (lane == Lane::grouped) {
                    group_lease_survives(queue, *detail.lane);
                    continue;
                }
                (lane == Lane::prioritized ? queue.prioritized_count : queue.timed_count) += 1;
                queue.window_of(lane).mark_out(detail.lane->offset);
            }
        }
    }
    if (queue.has_expiries) {
        round.mutations.push_back(SweepExpiries{queue.ns, queue.id});
    }
    for (const Lane lane : {Lane::timed, Lane::prioritized, Lane::grouped, Lane::waiting_children}) {
        const bool used = lane == Lane::grouped            ? queue.groups != nullptr
                          : lane == Lane::waiting_children ? queue.flows.has_parents
                                                           : true;
        if (used) {
            round.mutations.push_back(SweepLane{queue.ns, queue.id, lane, queue.lane_generation});
        }
    }
}

/// What stays is what is leased or moving; its sizes are known (ready_to_purge).
std::uint64_t surviving_bytes(const Queue& queue) {
    std::uint64_t bytes = 0;
    for (const auto& [number, batch] : queue.leases.batches()) {
        for (const LeasedRun& run : batch->runs) {
            for (std::uint32_t i = 0; i < run.count && !batch->restart_hold; ++i) {
                if (!batch->is_settled(run.position + i)) {
                    bytes += run.index
                                 ? run.index->bounds[run.index_from + i + 1] - run.index->bounds[run.index_from + i]
                                 : queue.window.resident(run.first + i)->at(run.first + i).size_of(0);
                }
            }
        }
    }
    for (const auto& [offset, message] : queue.moving) {
        bytes += queue.window.resident(offset)->at(offset).size_of(0);
    }
    return bytes;
}

}  // namespace

bool ready_to_purge(State& state, Queue& queue, Request& request, Round& round) {
    if (queue.attaching != 0) {
        queue.waiting_attach.push_back(std::move(request));
        return false;
    }
    for (const auto& [number, batch] : queue.leases.batches()) {
        for (const LeasedRun& run : batch->runs) {
            for (std::uint32_t i = 0; i < run.count && !run.index && !batch->restart_hold; ++i) {
                if (!batch->is_settled(run.position + i) && !queue.window.resident(run.first + i)) {
                    state.read_chunks(queue, run.first + i, std::move(request), round);
                    return false;
                }
            }
        }
    }
    for (const auto& [offset, message] : queue.moving) {
        if (!queue.window.resident(offset)) {
            state.read_chunks(queue, offset, std::move(request), round);
            return false;
        }
    }
    return true;
}

void purge(State& state, Queue& queue, const PurgeQueue& what, Round& round) {
    close_chunks(state, queue, round);
    if (LeaseBatch* hold = queue.leases.find(0)) {
        queue.leased_plain -= hold->open;
        queue.leases.erase(0);
    }
    const std::uint64_t there = queue.waiting_count() + queue.delayed_count() + queue.flows.waiting;
    const std::uint64_t compacted = std::min(there, queue.holes.messages), gone = there - compacted;
    const std::set<Offset> survivors = surviving(queue);
    const std::uint64_t bytes = surviving_bytes(queue);
    purge_plain(state, queue, survivors, round);
    purge_lane(queue, round);
    index_survivors(state, queue, survivors, round);
    purge_flows(state, queue, round);
    queue.flows.purged_below = queue.end;
    queue.scheduled_runs.purge([&](Offset offset) { return survivors.contains(offset) || queue.is_out(offset); });
    purge_parked(state, queue, round);
    queue.names.counts.sweeping = queue.names.counts.used;
    queue.names.sweep_from = {};
    if (queue.names.counts.used) {
        state.arm(queue, INT64_MIN);
    }
    queue.live_bytes = bytes;
    queue.holes = {};
    queue.totals.compacted += compacted;
    queue.totals.purged += gone;
    answer_purged_waits(state, queue, round);
    add_event(state, queue, EventType::purged, 0, 0, round, event_text(std::to_string(gone) + " messages"));
    if (what.failed) {
        queue.totals.purged += queue.failed_count;
        queue.failed_count = 0;
        queue.failed_bytes = 0;
        clear_finished(queue, FinishedSet::failed, round);
    }
    if (what.completed) {
        queue.totals.retired += queue.completed.counts.messages;
        clear_finished(queue, FinishedSet::completed, round);
    }
    queue.reports.to_sweep = queue.reports.any;
    queue.reports.sweep_again = queue.reports.sweeping;
    state.arm(queue, INT64_MIN);
    if (queue.flows.has_children) {
        lose_children(state, {queue.ns, queue.id, queue.end}, round);
    }
    if (queue.kind == QueueKind::subscription) {
        let_go(state, queue);
    }
    if (queue.references) {
        end_fills(state, queue, round);
        references_advanced(state, queue);
    }
    state.touch(queue, round);
}

}  // namespace baton::core
