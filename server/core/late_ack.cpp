// An ack whose lease has ended is still taken while the message waits, if its token was the last to hold it: the work
// is done.
#include "server/core/lane_placing.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <optional>

namespace baton::core {

bool late_ack(State& state, Queue& queue, const Token& token, Offset offset, Round& round) {
    if (planted(PlantedBug::stale_ack_accepted)) {
        if (LeaseBatch* other = queue.leases.holder_of(offset); other != nullptr && !other->restart_hold) {
            const LeasedRun run = *other->run_of(offset);
            if (run.index) {
                ack_leases(state, queue, *other, run, offset, 1, round);
                return true;
            }
        }
    }
    if (token.batch == 0 || token.epoch > state.options.epoch) {
        return false;
    }
    const auto again = queue.waiting_again.find(offset);
    if (again != queue.waiting_again.end()) {
        const ReturnedRecord& record = queue.returned.at(offset);
        // The hold of a restart has no batch of its own: its fence is that of the holder before.
        const bool last_holder = record.cause == Cause::restart
                                     ? given_before_restart(state, queue, token) && token.batch > record.late_fence
                                     : record.fence == token.batch;
        if (!last_holder) {
            return false;
        }
        queue.live_bytes -= queue.window.resident(offset)->at(offset).size_of(0);
        queue.waiting_again.erase(again);
        leave_plain(state, queue, offset, 1, round);
        queue.totals.acked += 1;
        return true;
    }
    const auto fence = queue.lane_fences.find(offset);
    if (fence != queue.lane_fences.end() && fence->second.batch == token.batch) {
        const LaneFence last = fence->second;
        queue.lane_fences.erase(fence);
        if (last.lane == Lane::timed) {
            queue.lane.take_ready(offset);
        }
        queue.live_bytes -= last.bytes;
        remove_lane_record(queue, last.lane, last.key, round);
    } else {
        const std::optional<MessageRecord> record = given_before_restart(state, queue, token)
                                                        ? queue.lane.take_held(offset, queue.restart_lane_horizon)
                                                        : std::nullopt;
        if (!record) {
            return false;
        }
        queue.live_bytes -= record->body.size_of(0);
        remove_lane_record(queue, *record, round);
    }
    queue.totals.acked += 1;
    state.touch(queue, round);
    state.pump_later(queue);  // One that was held after a restart may have been the last that counted as in flight.
    return true;
}

}  // namespace baton::core
