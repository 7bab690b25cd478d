// What a failed attempt leads to: another one after its backoff, or the end of the message when a cap is reached.
#include "server/core/attempt_history.hpp"
#include "server/core/key_shared.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/retry_rules.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <optional>
#include <utility>

namespace baton::core {

MessageRecord take_leased(State& state, Queue& queue, LeaseBatch& batch, Offset offset,
                          std::optional<MessageRecord>&& lane, Round& round) {
    const std::uint32_t position = batch.position_of(*batch.run_of(offset), offset);
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
    record.meta = chunk->parting_meta_of(offset);
    queue.leased_plain -= 1;
    close_lease(state, queue, batch, position, 1, bytes, round);
    leave_plain(state, queue, offset, 1, round);
    return record;
}

void fail_lease(State& state, Queue& queue, LeaseBatch& batch, Offset offset, const Fail& fail, TimeMs now,
                Round& round) {
    const std::uint32_t position = batch.position_of(*batch.run_of(offset), offset);
    LeasedDetail detail = detail_of(queue, batch, position, offset);
    detail.counters.failures += 1;
    add_attempt(detail.attempts, {now, batch.delivered_at, batch.worker, fail.error_class, fail.reason, fail.stack});
    if (queue.keys && retry_in_place(state, queue, batch, offset, fail, detail, now, round)) {
        return;
    }
    const BatchNumber number = batch.number;
    MessageRecord record = take_leased(state, queue, batch, offset, std::move(detail.lane), round);
    auto meta = record.meta ? std::make_shared<MessageMeta>(*record.meta) : std::make_shared<MessageMeta>();
    meta->counters = detail.counters;
    meta->attempts = std::move(detail.attempts);
    meta->cause = Cause::failed;
    meta->fence = number;
    meta->isolated = false;
    if (planted(PlantedBug::priority_lost_by_retry)) {
        meta->priority = 0;
        meta->lifo = false;
    }
    record.meta = std::move(meta);
    const EndReason end =
        detail.cancelled ? EndReason::cancelled : end_of(queue.settings, fail, detail.counters, record.meta.get());
    if (end != EndReason::none) {
        move_out(state, queue, std::move(record), end, now, round);
        return;
    }
    if (queue.keeps_events()) {
        add_event(state, queue, EventType::attempt_failed, offset, 1, round,
                  event_text(fail.reason.substr(0, limits::reason_bytes_max)));
    }
    const DurationMs delay =
        retry_delay(queue.settings, fail, record.meta.get(), queue.id, offset, detail.counters.failures);
    record.at = now + delay;
    round.bytes += record.body.size_of(0);
    put_lane_record(state, queue, std::move(record), delay == 0, round);
}

}  // namespace baton::core
