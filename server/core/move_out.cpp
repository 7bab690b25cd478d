// Messages that leave the plain lane or a lane for good: to the timed lane, the failed set or the dead-letter queue,
// with their body and history, in the same commit that takes them from where they were.
#include "server/core/cancel.hpp"
#include "server/core/finished_log.hpp"
#include "server/core/limits.hpp"
#include "server/core/names.hpp"
#include "server/core/outcome.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

/// The message as its dead-letter queue will hold it.
MetaPtr dead_letter_meta(const Queue& from, const MessageRecord& record, EndReason reason, TimeMs now) {
    auto origin = std::make_shared<Origin>();
    origin->queue = from.name;
    origin->queue_id = from.id;
    origin->offset = record.offset;
    origin->stored_at = record.stored_at;
    origin->moved_at = now;
    origin->reason = reason;
    if (record.meta) {
        origin->counters = record.meta->counters;
        origin->attempts = record.meta->attempts;
        origin->priority = record.meta->priority;
        origin->max_attempts = record.meta->max_attempts;
        origin->backoff = record.meta->backoff;
        origin->run_limit_ms = record.meta->run_limit_ms;
        origin->group = has_group(record.meta) ? record.meta->group->name : "";
    }
    auto meta = std::make_shared<MessageMeta>();
    meta->origin = std::move(origin);
    meta->scheduled = record.meta ? record.meta->scheduled : nullptr;
    return meta;
}

void tell_end(State& state, Queue& queue, const MessageRecord& record, JobOutcome outcome, const std::string& text,
              Round& round) {
    if (queue.watched()) {
        ended(state, queue, {outcome, record.offset, 1, text, nullptr, record.meta}, round);
    }
}

}  // namespace

void move_out(State& state, Queue& queue, MessageRecord&& record, EndReason reason, TimeMs now, Round& round) {
    const std::uint64_t bytes = record.body.size_of(0);
    queue.live_bytes -= bytes;
    state.touch(queue, round);
    if (reason == EndReason::cancelled) {
        tell_end(state, queue, record, JobOutcome::cancelled, "", round);
        queue.totals.cancelled += 1;
        names_ended(state, queue, record.meta, record.offset, NameEnding::removed, now, round);
        remember_end(queue, 0, record.offset, RefusalCode::job_cancelled);
        return;
    }
    if (reason != EndReason::expired && reason != EndReason::overflow) {
        queue.totals.failed += 1;
    }
    Queue* target = nullptr;
    for (auto& [name, space] : state.namespaces) {
        target = space.id == queue.ns ? dead_letter_of(space, queue.settings) : target;
    }
    if (target != nullptr) {
        names_ended(state, queue, record.meta, record.offset, NameEnding::finished, now, round);
        MetaPtr meta = dead_letter_meta(queue, record, reason, now);
        tell_end(state, queue, record, JobOutcome::dead_lettered, target->name, round);
        append_run(state, *target, std::move(record.body), now, round, std::nullopt, meta);
        target->totals.produced += 1;
        queue.totals.dead_lettered += 1;
        return;
    }
    if (reason == EndReason::expired) {
        tell_end(state, queue, record, JobOutcome::expired, "", round);
        names_ended(state, queue, record.meta, record.offset, NameEnding::finished, now, round);
        queue.totals.expired += 1;
        return;
    }
    if (planted(PlantedBug::failed_dropped)) {
        return;
    }
    if (!planted(PlantedBug::failure_not_told)) {
        const bool said = record.meta && !record.meta->attempts.empty();
        tell_end(state, queue, record, JobOutcome::failed, said ? record.meta->attempts.back().reason : to_text(reason),
                 round);
    }
    names_ended(state, queue, record.meta, record.offset, NameEnding::kept, now, round);
    record.meta = without_key(record.meta);
    record.at = now;
    record.reason = reason;
    record.lane = Lane::failed;
    queue.failed_count += 1;
    queue.failed_bytes += bytes;
    round.bytes += bytes;
    record.finished_seq = queue.failed.counts.next;
    add_finished(state, queue, FinishedSet::failed, record.offset, static_cast<std::uint32_t>(bytes), now, round);
    round.mutations.push_back(
        PutLaneRecord{queue.ns, queue.id, Lane::failed, queue.failed_generation, std::move(record)});
}

bool finish_move(State& state, Queue& queue, Offset offset, TimeMs now, Round& round) {
    const ChunkPtr chunk = queue.window.resident(offset);
    if (!chunk) {
        state.read_chunks(queue, offset, std::nullopt, round);
        return false;
    }
    MessageRecord record;
    record.offset = offset;
    record.ready_at = record.stored_at = chunk->stored_at;
    record.body = chunk->at(offset);
    auto meta = std::make_shared<MessageMeta>();
    if (const MetaPtr known = chunk->parting_meta_of(offset)) {
        *meta = *known;
    }
    const MovingMessage message = std::move(queue.moving.extract(offset).mapped());
    meta->counters = message.counters;
    meta->attempts = message.attempts;
    meta->cause = message.cause;
    meta->isolated = message.isolated;
    record.meta = std::move(meta);
    queue.leased_plain -= 1;
    if (message.key) {
        queue.keys->settled(message.key->id);
    }
    state.pump_later(queue);
    leave_plain(state, queue, offset, 1, round);
    if (message.reason == EndReason::none) {
        record.at = message.due_at;
        round.bytes += record.body.size_of(0);
        put_lane_record(state, queue, std::move(record), message.due_at <= now, round);
    } else {
        move_out(state, queue, std::move(record), message.reason, now, round);
    }
    return true;
}

void finish_moving(State& state, Queue& queue, TimeMs now, Round& round) {
    bool resident = true;
    while (resident && !queue.moving.empty()) {
        resident = finish_move(state, queue, queue.moving.begin()->first, now, round);
    }
}

}  // namespace baton::core
