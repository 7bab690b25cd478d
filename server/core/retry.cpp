// What a failed attempt leads to: another one after its backoff, or the end of the message when a cap is reached.
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <optional>
#include <utility>

namespace baton::core {

namespace {

/// Why a message with these counters is not tried again; none when it is.
EndReason end_of(const QueueSettings& settings, const Fail& fail, const Counters& counters) {
    if (fail.terminal) {
        return EndReason::rejected;
    }
    if (counters.failures >= settings.max_attempts + (planted(PlantedBug::attempts_cap_off_by_one) ? 1U : 0U)) {
        return EndReason::attempts_exhausted;
    }
    if (settings.max_deliveries != 0 && counters.deliveries >= settings.max_deliveries) {
        return EndReason::deliveries_exhausted;
    }
    return EndReason::none;
}

/// Ends the lease and takes the message with its body out of where it was.
MessageRecord take_out(State& state, Queue& queue, LeaseBatch& batch, std::uint32_t position, Offset offset,
                       std::optional<MessageRecord>&& lane, Round& round) {
    const std::uint64_t bytes = leased_bytes(queue, *batch.run_of(offset), offset, 1);
    if (lane) {
        queue.leased_of(lane->lane) -= 1;
        close_lease(state, queue, batch, position, 1, bytes, round);
        remove_lane_record(queue, *lane, round);
        return std::move(*lane);
    }
    const ChunkPtr chunk = queue.window.resident(offset);
    MessageRecord record;
    record.offset = offset;
    record.ready_at = record.stored_at = chunk->stored_at;
    record.body = chunk->at(offset);
    record.meta = chunk->meta_of(offset);
    queue.leased_plain -= 1;
    close_lease(state, queue, batch, position, 1, bytes, round);
    leave_plain(state, queue, offset, 1, round);
    return record;
}

}  // namespace

void fail_lease(State& state, Queue& queue, LeaseBatch& batch, Offset offset, const Fail& fail, TimeMs now,
                Round& round) {
    const std::uint32_t position = batch.position_of(*batch.run_of(offset), offset);
    LeasedDetail detail = detail_of(queue, batch, position, offset);
    detail.counters.failures += 1;
    detail.attempts.push_back({now, batch.worker, fail.reason.substr(0, limits::reason_bytes_max)});
    if (detail.attempts.size() > limits::attempts_kept_max) {
        detail.attempts.erase(detail.attempts.begin());
    }
    const BatchNumber number = batch.number;
    MessageRecord record = take_out(state, queue, batch, position, offset, std::move(detail.lane), round);
    auto meta = record.meta ? std::make_shared<MessageMeta>(*record.meta) : std::make_shared<MessageMeta>();
    meta->counters = detail.counters;
    meta->attempts = std::move(detail.attempts);
    meta->cause = Cause::failed;
    meta->fence = number;
    if (planted(PlantedBug::priority_lost_by_retry)) {
        meta->priority = 0;
        meta->lifo = false;
    }
    record.meta = std::move(meta);
    if (const EndReason end = end_of(queue.settings, fail, detail.counters); end != EndReason::none) {
        move_out(state, queue, std::move(record), end, now, round);
        return;
    }
    const DurationMs delay =
        fail.retry_after_ms.value_or(backoff_delay(queue.settings.backoff, queue.id, offset, detail.counters.failures));
    record.at = now + delay;
    round.bytes += record.body.size_of(0);
    put_lane_record(state, queue, std::move(record), delay == 0, round);
}

}  // namespace baton::core
