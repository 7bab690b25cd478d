// How a lease ends without its message being done: expiry, loss of the consumer, release. The message waits again at
// its old place, or leaves when a cap is reached.
#include "server/core/attempt_history.hpp"
#include "server/core/expiry_index.hpp"
#include "server/core/key_shared.hpp"
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/require.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <algorithm>

namespace baton::core {

namespace {

EndReason cap_reached(const QueueSettings& settings, const Counters& counters, bool lost) {
    if (lost && settings.max_lease_losses != 0 && counters.lease_losses >= settings.max_lease_losses) {
        return EndReason::lease_losses_exhausted;
    }
    if (settings.max_deliveries != 0 && counters.deliveries >= settings.max_deliveries) {
        return EndReason::deliveries_exhausted;
    }
    return EndReason::none;
}

std::uint32_t leased_size(const LeasedRun& run, Offset offset) {
    if (!run.index) {
        return 0;
    }
    const std::uint32_t i = run.index_from + static_cast<std::uint32_t>(offset - run.first);
    return run.index->bounds[i + 1] - run.index->bounds[i];
}

void give_back_lane(State& state, Queue& queue, LeasedDetail&& detail, EndReason end, const GiveBack& how,
                    BatchNumber batch, TimeMs now, Round& round) {
    MessageRecord record = std::move(*detail.lane);
    remove_lane_record(queue, record, round);
    auto meta = std::make_shared<MessageMeta>();
    if (record.meta) {
        *meta = *record.meta;
    }
    meta->counters = detail.counters;
    meta->cause = how.cause;
    meta->attempts = std::move(detail.attempts);
    meta->fence = batch;
    meta->isolated = detail.isolated;
    record.meta = std::move(meta);
    if (end != EndReason::none) {
        move_out(state, queue, std::move(record), end, now, round);
        return;
    }
    record.at = now + how.delay_ms;
    LaneFence fence{batch, Lane::timed, {}, record.body.size_of(0), traced_meta(record.meta)};
    if (how.delay_ms == 0) {
        queue.lane_fences[record.offset] = fence;
    }
    put_lane_record(state, queue, std::move(record), how.delay_ms == 0, round);
}

void give_back_plain(State& state, Queue& queue, LeasedDetail&& detail, EndReason end, const GiveBack& how,
                     const LeaseBatch& batch, Offset offset, TimeMs stored_at, TimeMs now, Round& round) {
    const std::optional<GroupId> key = key_of(queue, detail, batch, offset);
    const bool in_place = how.delay_ms == 0 || (key && key->any());
    if (end != EndReason::none || !in_place) {
        // The body goes along; it may have to be read first. Until then the message counts as leased.
        queue.moving[offset] = {end,       detail.counters,    std::move(detail.attempts),
                                how.cause, now + how.delay_ms, detail.isolated,
                                detail.key};
        queue.leased_plain += 1;
        if (detail.key) {
            queue.keys->kept(detail.key->id, {batch.session, batch.consumer_id});
        }
        // Not behind others that are still being read: a restart would forget that this one was cancelled.
        finish_move(state, queue, offset, now, round);
        return;
    }
    const TimeMs not_before = how.delay_ms == 0 ? 0 : now + how.delay_ms;
    detail.cause = how.cause;
    wait_in_place(state, queue, std::move(detail), batch, {offset, stored_at, key, not_before}, now, round);
}

}  // namespace

void wait_in_place(State& state, Queue& queue, LeasedDetail&& detail, const LeaseBatch& batch, const InPlace& where,
                   TimeMs now, Round& round) {
    const Offset offset = where.offset;
    ReturnedRecord& record = queue.returned[offset];
    record.counters = detail.counters;
    record.cause = detail.cause;
    record.attempts = std::move(detail.attempts);
    record.isolated = detail.isolated;
    record.not_before = where.not_before;
    if (batch.restart_hold) {
        record.late_fence = record.fence;
        record.fence = queue.first_batch - 1;
    } else {
        record.fence = batch.number;
    }
    put_returned(queue, offset, round);
    queue.waiting_again[offset] = where.stored_at;
    if (queue.keys) {
        key_waits(state, queue, where, now);
    }
    if (queue.has_expiries) {
        index_again(state, queue, offset, now, round);
    }
    add_event(state, queue, EventType::waiting, offset, 1, round);
}

void put_returned(const Queue& queue, Offset offset, Round& round) {
    const ReturnedRecord& record = queue.returned.at(offset);
    round.mutations.push_back(PutReturned{queue.ns, queue.id, offset, record.counters, record.cause, record.attempts,
                                          record.fence, record.isolated, record.not_before});
}

LeasedDetail detail_of(const Queue& queue, const LeaseBatch& batch, std::uint32_t position, Offset offset) {
    if (const auto found = batch.details.find(position); found != batch.details.end()) {
        return found->second;
    }
    LeasedDetail detail;
    if (const auto returned = queue.returned.find(offset); returned != queue.returned.end()) {
        detail.counters = returned->second.counters;
        detail.counters.deliveries += 1;
        detail.attempts = returned->second.attempts;
        detail.isolated = returned->second.isolated;
    }
    return detail;
}

void close_lease(State& state, Queue& queue, LeaseBatch& batch, std::uint32_t position, std::uint32_t count,
                 std::uint64_t bytes, Round& round) {
    require(none_set(batch.settled, position, count), "a message is settled once in its batch");
    set_bits(batch.settled, position, count);
    batch.open -= count;
    batch.open_bytes -= std::min(batch.open_bytes, bytes);
    if (batch.consumer != nullptr) {
        batch.consumer->isolated -= batch.isolated ? 1 : 0;
        batch.consumer->in_flight_messages -= count;
        batch.consumer->in_flight_bytes -= std::min(batch.consumer->in_flight_bytes, bytes);
        state.pump_later(queue);
    } else if (queue.settings.max_in_flight != 0 || queue.keys) {
        state.pump_later(queue);  // There is room for another one, whoever held this.
    }
    if (queue.keys) {
        settle_keys(queue, batch, position, count);
    }
    if (!queue.reports.logs.empty()) {
        leave_logs(queue, batch, position, count);
    }
    if (queue.groups) {
        const auto detail = batch.details.find(position);
        if (detail != batch.details.end() && detail->second.lane && detail->second.lane->lane == Lane::grouped) {
            group_lease_ended(state, queue, detail->second.lane->group);
        }
    }
    if (queue.topic != nullptr) {
        subscription_advanced(state, queue);
    }
    state.touch(queue, round);
    if (batch.open == 0) {
        if (batch.consumer != nullptr) {
            batch.consumer->batches.erase(batch.number);
        }
        if (batch.recorded) {
            round.mutations.push_back(RemoveLease{queue.ns, queue.id, batch.number});
        }
        queue.leases.erase(batch.number);
    }
}

void leave_plain(State& state, Queue& queue, Offset first, std::uint32_t count, Round& round) {
    require(queue.kind != QueueKind::topic, "messages leave a topic by its retention only");
    const std::uint64_t added = queue.acks.set_range(first, count);
    require(added == count || planted(PlantedBug::page_edge_ack_lost), "a message leaves the plain lane once");
    queue.scheduled_runs.left_plain(first, count);
    const std::size_t before = queue.window.bytes();
    if (queue.topic != nullptr) {
        queue.window.passed(first, count);
        subscription_advanced(state, queue);
    } else {
        queue.window.done(queue.ns, queue.id, first, count, round.mutations);
        if (queue.references) {
            references_advanced(state, queue);
        }
    }
    state.window_bytes -= before - queue.window.bytes();
    if (queue.keys) {
        queue.keys->left(first, count);
        state.pump_later(queue);  // What it held up may go on, though nothing came.
    }
    if (!queue.returned.empty()) {
        for (auto record = queue.returned.lower_bound(first);
             record != queue.returned.end() && record->first < first + count;) {
            round.mutations.push_back(RemoveReturned{queue.ns, queue.id, record->first});
            record = queue.returned.erase(record);
        }
    }
    state.touch(queue, round);
}

bool ready_to_end(State& state, Queue& queue, const LeaseBatch& batch, std::uint32_t position, Offset offset,
                  Round& round) {
    const auto detail = batch.details.find(position);
    const bool in_lane = detail != batch.details.end() && detail->second.lane;
    if (in_lane || queue.window.resident(offset)) {
        return true;
    }
    state.read_chunks(queue, offset, std::nullopt, round);
    return false;
}

void give_back(State& state, Queue& queue, LeaseBatch& batch, std::uint32_t position, Offset offset,
               const GiveBack& how, TimeMs now, Round& round) {
    const LeasedRun& run = *batch.run_of(offset);
    LeasedDetail detail = detail_of(queue, batch, position, offset);
    if (detail.lane && !detail.lane->body.index) {
        queue.give_back_later.push_back({batch.number, offset, how});
        return;
    }
    if (detail.cancelled && !ready_to_end(state, queue, batch, position, offset, round)) {
        return;
    }
    const bool lost = how.counts_as_loss && !detail.cancelled;
    if (lost) {
        detail.counters.lease_losses += 1;
        detail.isolated = !planted(PlantedBug::isolation_forgotten);
        add_attempt(detail.attempts, {now, batch.delivered_at, batch.worker, {}, how.reason, {}});
    }
    if (lost && queue.keeps_events()) {
        add_event(state, queue, EventType::stalled, offset, 1, round, event_text(how.reason));
    }
    const bool gives_up = detail.cancelled && !planted(PlantedBug::cancelled_comes_back);
    const EndReason end = gives_up ? EndReason::cancelled : cap_reached(queue.settings, detail.counters, lost);
    const TimeMs stored_at = run.stored_at;
    const std::uint32_t bytes = leased_size(run, offset);
    // The batch may be erased by closing its last lease: what is needed of it is copied first.
    LeaseBatch facts;
    facts.session = batch.session;
    facts.consumer_id = batch.consumer_id;
    facts.number = batch.number;
    facts.restart_hold = batch.restart_hold;
    if (detail.lane) {
        queue.leased_of(detail.lane->lane) -= 1;
        close_lease(state, queue, batch, position, 1, bytes, round);
        give_back_lane(state, queue, std::move(detail), end, how, facts.number, now, round);
    } else {
        queue.leased_plain -= 1;
        close_lease(state, queue, batch, position, 1, bytes, round);
        give_back_plain(state, queue, std::move(detail), end, how, facts, offset, stored_at, now, round);
    }
    state.touch(queue, round);
    state.pump_later(queue);
}

void give_back_batch(State& state, Queue& queue, LeaseBatch& batch, const GiveBack& how, TimeMs now, Round& round) {
    const BatchNumber number = batch.number;
    const std::vector<LeasedRun> runs = batch.runs;
    for (const LeasedRun& run : runs) {
        for (std::uint32_t i = 0; i < run.count; ++i) {
            LeaseBatch* live = queue.leases.find(number);
            if (live == nullptr) {
                return;
            }
            const std::uint32_t position = run.position + i;
            if (!live->is_settled(position)) {
                GiveBack own = how;
                const bool begun = live->is_started(position);
                own.counts_as_loss = how.counts_as_loss && (begun || planted(PlantedBug::unstarted_loss_counted));
                give_back(state, queue, *live, position, run.first + i, own, now, round);
            }
        }
    }
}

namespace {

/// Ends one lease whose time is over. False: it goes on until its chunk is read.
bool end_lease(State& state, Queue& queue, LeaseBatch& batch, std::uint32_t position, Offset offset, TimeMs now,
               Round& round) {
    const bool cancelled = batch.is_cancelled(position);
    const bool over = !cancelled && batch.ends_of(position) != 0 && batch.ends_of(position) <= now;
    if ((cancelled || over) && !ready_to_end(state, queue, batch, position, offset, round)) {
        return false;
    }
    if (over) {
        end_run(state, queue, batch, position, offset, now, round);
        return true;
    }
    GiveBack how{Cause::restart, false, 0, ""};
    if (!batch.restart_hold) {
        const bool begun = batch.is_started(position) || planted(PlantedBug::unstarted_loss_counted);
        how = {Cause::lease_expired, begun, 0, "lease expired"};
    }
    give_back(state, queue, batch, position, offset, how, now, round);
    return true;
}

/// Ends the leases of one batch whose time is over. True: some go on until their chunk is read.
bool end_leases(State& state, Queue& queue, BatchNumber number, DurationMs early, std::uint32_t& budget, TimeMs now,
                Round& round) {
    bool reading = false;
    const std::vector<LeasedRun> runs = queue.leases.find(number)->runs;
    for (const LeasedRun& run : runs) {
        for (std::uint32_t i = 0; i < run.count && budget > 0; ++i) {
            LeaseBatch* batch = queue.leases.find(number);
            const std::uint32_t position = run.position + i;
            if (batch == nullptr || batch->is_settled(position) || batch->deadline_of(position) - early > now) {
                continue;
            }
            --budget;
            reading = !end_lease(state, queue, *batch, position, run.first + i, now, round) || reading;
        }
    }
    return reading;
}

}  // namespace

void expire_leases(State& state, Queue& queue, TimeMs now, Round& round) {
    std::uint32_t budget = 4'096;
    std::vector<BatchNumber> reading;
    for (LeaseBatch* batch = queue.leases.earliest(); batch != nullptr; batch = queue.leases.earliest()) {
        const DurationMs early = planted(PlantedBug::double_lease) ? batch->lease_ms / 2 : 0;
        if (batch->filed_deadline == INT64_MAX) {
            break;
        }
        if (batch->filed_deadline - early > now || budget == 0) {
            state.arm(queue, std::max(batch->filed_deadline - early, now));
            break;
        }
        const BatchNumber number = batch->number;
        const bool reads = end_leases(state, queue, number, early, budget, now, round);
        LeaseBatch* rest = queue.leases.find(number);
        if (rest != nullptr && reads) {
            // Others do not wait for its chunk, whose arrival comes back here.
            queue.leases.hold_back(*rest);
            reading.push_back(number);
        } else if (rest != nullptr) {
            queue.leases.refile(*rest);
        }
    }
    for (const BatchNumber number : reading) {
        queue.leases.refile(*queue.leases.find(number));
    }
}

}  // namespace baton::core
