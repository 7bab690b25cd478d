// An ack whose lease has ended is still taken while the message waits, if its token was the last to hold it: the work
// is done.
#include "server/core/completed_set.hpp"
#include "server/core/flows.hpp"
#include "server/core/job_lookup.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/lease_tokens.hpp"
#include "server/core/names.hpp"
#include "server/core/outcome.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <optional>
#include <utility>

namespace baton::core {

namespace {

/// The message behind a fence, as far as it is in memory.
MessageRecord take_fenced(Queue& queue, const LaneFence& fence, Offset offset) {
    MessageRecord record;
    record.offset = offset;
    if (fence.lane == Lane::timed) {
        return take_ready(queue, offset).value_or(std::move(record));
    }
    const auto waits = queue.prioritized.records().find(fence.key);
    return waits == queue.prioritized.records().end() ? record : waits->second;
}

/// The planted bug: the ack of a lease that has since gone to another consumer.
bool steal_ack(State& state, Queue& queue, Offset offset, const JobResultPtr& result, TimeMs now, Round& round) {
    LeaseBatch* other = planted(PlantedBug::stale_ack_accepted) ? queue.leases.holder_of(offset) : nullptr;
    if (other == nullptr || other->restart_hold || !other->run_of(offset)->index) {
        return false;
    }
    const LeasedRun run = *other->run_of(offset);
    ack_leases(state, queue, *other, run, offset, 1, result, now, round);
    return true;
}

void tell_completed(State& state, Queue& queue, Offset offset, const MetaPtr& meta, const JobResultPtr& result,
                    Round& round) {
    if (queue.watched()) {
        ended(state, queue, {JobOutcome::completed, offset, 1, "", result, meta}, round);
    }
}

/// Of a message of the plain lane that waits again; its chunk is in memory.
bool late_plain_ack(State& state, Queue& queue, const Token& token, Offset offset, const JobResultPtr& result,
                    TimeMs now, Round& round) {
    const auto returned = queue.returned.find(offset);
    if (returned == queue.returned.end() || returned->second.cause == Cause::failed ||
        returned->second.not_before != 0) {
        return false;  // It was never delivered, or its holder said that it is to be tried again.
    }
    const ReturnedRecord& record = returned->second;
    // The hold of a restart has no batch of its own: its fence is that of the holder before.
    const bool last_holder = record.cause == Cause::restart
                                 ? given_before_restart(state, queue, token, offset) && token.batch > record.late_fence
                                 : record.fence == token.batch;
    if (!last_holder) {
        return false;
    }
    const ChunkPtr chunk = queue.window.resident(offset);
    queue.live_bytes -= chunk->at(offset).size_of(0);
    const MetaPtr meta = chunk->meta_of(offset);
    if (queue.settings.keep_completed) {
        keep_completed_late(state, queue, record_of(queue, chunk, offset), result, now, round);
    }
    queue.waiting_again.erase(offset);
    leave_plain(state, queue, offset, 1, round);
    tell_completed(state, queue, offset, meta, result, round);
    queue.totals.acked += 1;
    return true;
}

}  // namespace

bool late_ack(State& state, Queue& queue, const Token& token, Offset offset, const JobResultPtr& result, TimeMs now,
              Round& round) {
    if (steal_ack(state, queue, offset, result, now, round)) {
        return true;
    }
    if (token.batch < queue.token_floor) {
        return false;
    }
    // A crash can take back how far batches were numbered, so that a number alone may name two.
    const bool of_this_start = token.epoch == state.options.epoch && token.batch >= queue.first_batch;
    if (!of_this_start && !given_before_restart(state, queue, token, offset)) {
        return false;
    }
    if (queue.waiting_again.contains(offset)) {
        return late_plain_ack(state, queue, token, offset, result, now, round);
    }
    MetaPtr meta;
    const auto fence = queue.lane_fences.find(offset);
    if (fence != queue.lane_fences.end() && asks_after_children(fence->second.meta)) {
        return false;  // What became of its children is not known here: it runs again.
    }
    if (fence != queue.lane_fences.end() && fence->second.batch == token.batch) {
        const LaneFence last = fence->second;
        queue.lane_fences.erase(fence);
        MessageRecord record = take_fenced(queue, last, offset);
        meta = last.meta;
        queue.live_bytes -= last.bytes;
        remove_lane_record(queue, last.lane, last.key, round);
        if (queue.settings.keep_completed) {
            keep_completed_late(state, queue, record, result, now, round);
        }
        names_ended(state, queue, last.meta, offset, NameEnding::finished, now, round);
    } else {
        const std::optional<MessageRecord> record = given_before_restart(state, queue, token, offset)
                                                        ? queue.lane.take_held(offset, queue.restart_lane_horizon)
                                                        : std::nullopt;
        if (!record) {
            return false;
        }
        queue.live_bytes -= record->body.size_of(0);
        meta = record->meta;
        remove_lane_record(queue, *record, round);
        if (queue.settings.keep_completed) {
            keep_completed_late(state, queue, *record, result, now, round);
        }
        names_ended(state, queue, record->meta, offset, NameEnding::finished, now, round);
    }
    tell_completed(state, queue, offset, meta, result, round);
    queue.totals.acked += 1;
    state.touch(queue, round);
    state.pump_later(queue);  // One that was held after a restart may have been the last that counted as in flight.
    return true;
}

}  // namespace baton::core
