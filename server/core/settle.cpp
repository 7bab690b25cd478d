// Settling: a token and offset ranges end or prolong leases. What the token no longer holds is refused with the reason;
// the rest is carried out, acks of whole runs by a few words of a bitmap.
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

namespace {

constexpr std::size_t recent_settles_max = 1'024;

std::uint64_t bytes_of(const Queue& queue, const LeasedRun& run, Offset first, std::uint32_t count) {
    if (run.index) {
        const std::uint32_t i = run.index_from + static_cast<std::uint32_t>(first - run.first);
        return run.index->bounds[i + count] - run.index->bounds[i];
    }
    std::uint64_t bytes = 0;
    for (Offset offset = first; offset < first + count; ++offset) {
        bytes += queue.window.resident(offset)->at(offset).size_of(0);
    }
    return bytes;
}

class Settling {
public:
    Settling(State& state, Request& request, TimeMs now, Round& round)
        : state_(state), request_(request), settle_(std::get<Settle>(request.body)), now_(now), round_(round) {}

    /// False: parked until a body is read.
    bool run();

private:
    LeaseBatch* batch_of(Queue& queue, const Token& token);
    bool from_before(const Queue& queue, const Token& token) const;
    bool needs_read(Queue& queue, const Settlement& settlement);
    void one(std::uint32_t index, const Settlement& settlement);
    void range(std::uint32_t index, const Settlement& settlement, Queue& queue, const OffsetRange& range);
    bool held(Queue& queue, const LeaseBatch& batch, const Token& token, Offset offset) const;
    void carry_out(Queue& queue, LeaseBatch& batch, const LeasedRun& run, Offset first, std::uint32_t count,
                   const SettleAction& action);
    void ack(Queue& queue, LeaseBatch& batch, const LeasedRun& run, Offset first, std::uint32_t count);
    void fail(Queue& queue, LeaseBatch& batch, Offset offset, const Fail& fail);
    void extend(Queue& queue, LeaseBatch& batch, std::uint32_t position, std::uint32_t count, const Extend& extend);
    bool late_ack(Queue& queue, const Token& token, Offset offset);
    RefusalCode why_not(Queue& queue, const Token& token, Offset offset) const;
    void refuse(std::uint32_t index, Offset offset, RefusalCode code);

    State& state_;
    Request& request_;
    const Settle& settle_;
    TimeMs now_;
    Round& round_;
    Settled out_;
};

/// A token that an earlier start can have given out.
bool Settling::from_before(const Queue& queue, const Token& token) const {
    return token.epoch < state_.options.epoch && token.batch != 0 && token.batch < queue.first_batch;
}

LeaseBatch* Settling::batch_of(Queue& queue, const Token& token) {
    LeaseBatch* batch = queue.leases.find(token.batch);
    if (batch != nullptr && batch->epoch == token.epoch && token.batch != 0) {
        return batch;
    }
    // A token from before the restart: what it held is kept for it in the hold.
    LeaseBatch* hold = queue.leases.find(0);
    return hold != nullptr && from_before(queue, token) ? hold : nullptr;
}

bool Settling::held(Queue& queue, const LeaseBatch& batch, const Token& token, Offset offset) const {
    const LeasedRun* run = batch.run_of(offset);
    if (run == nullptr || batch.is_settled(batch.position_of(*run, offset))) {
        return false;
    }
    if (!batch.restart_hold) {
        return true;
    }
    const auto returned = queue.returned.find(offset);
    return returned == queue.returned.end() || token.batch > returned->second.fence;
}

/// True when some message of this settlement needs its chunk in memory and a read was asked for.
bool Settling::needs_read(Queue& queue, const Settlement& settlement) {
    LeaseBatch* batch = batch_of(queue, settlement.token);
    const bool moves_body =
        std::holds_alternative<Fail>(settlement.action) ||
        (std::holds_alternative<Release>(settlement.action) && std::get<Release>(settlement.action).delay_ms > 0);
    for (const OffsetRange& range : settlement.ranges) {
        for (Offset offset = range.first; offset < range.first + range.count; ++offset) {
            // Given back already: a late ack takes it from there.
            if (queue.waiting_again.contains(offset) && !queue.window.resident(offset)) {
                state_.read_chunks(queue, offset, std::move(request_), round_);
                return true;
            }
            if (batch == nullptr) {
                continue;
            }
            const LeasedRun* run = batch->run_of(offset);
            if (run == nullptr) {
                continue;
            }
            if (run->index && !moves_body) {
                // Everything about this run is known, but what was given back of it.
                offset = queue.waiting_again.empty() ? run->first + run->count - 1 : offset;
                continue;
            }
            const auto detail = batch->details.find(batch->position_of(*run, offset));
            if (detail != batch->details.end() && detail->second.lane) {
                continue;
            }
            if (held(queue, *batch, settlement.token, offset) && !queue.window.resident(offset)) {
                state_.read_chunks(queue, offset, std::move(request_), round_);
                return true;
            }
        }
    }
    return false;
}

bool Settling::run() {
    for (const Settlement& settlement : settle_.settlements) {
        Queue* queue = state_.find(settlement.token.queue);
        if (queue != nullptr && needs_read(*queue, settlement)) {
            return false;
        }
    }
    for (std::uint32_t i = 0; i < settle_.settlements.size(); ++i) {
        one(i, settle_.settlements[i]);
    }
    reply(request_, std::move(out_), round_);
    return true;
}

void Settling::refuse(std::uint32_t index, Offset offset, RefusalCode code) {
    if (!out_.refused.empty()) {
        Settled::Refused& last = out_.refused.back();
        if (last.settlement == index && last.code == code && last.range.first + last.range.count == offset) {
            last.range.count += 1;
            return;
        }
    }
    out_.refused.push_back({index, {offset, 1}, code});
}

void Settling::one(std::uint32_t index, const Settlement& settlement) {
    Queue* queue = state_.find(settlement.token.queue);
    for (const OffsetRange& wanted : settlement.ranges) {
        if (queue == nullptr) {
            out_.refused.push_back({index, wanted, RefusalCode::queue_deleted});
        } else {
            range(index, settlement, *queue, wanted);
        }
    }
}

void Settling::range(std::uint32_t index, const Settlement& settlement, Queue& queue, const OffsetRange& wanted) {
    const Offset end = std::min(wanted.first + wanted.count, queue.end);
    for (Offset lost = end; lost < wanted.first + wanted.count; ++lost) {
        refuse(index, lost, RefusalCode::token_unknown);
    }
    for (Offset offset = wanted.first; offset < end;) {
        LeaseBatch* batch = batch_of(queue, settlement.token);
        const LeasedRun* run = batch == nullptr ? nullptr : batch->run_of(offset);
        const bool holds = run != nullptr && held(queue, *batch, settlement.token, offset);
        if (!holds) {
            const bool is_ack = std::holds_alternative<Ack>(settlement.action);
            if (!is_ack || !late_ack(queue, settlement.token, offset)) {
                refuse(index, offset, why_not(queue, settlement.token, offset));
            }
            ++offset;
            continue;
        }
        std::uint32_t count = 1;
        const auto most = static_cast<std::uint32_t>(std::min(end, run->first + run->count) - offset);
        const std::uint32_t position = batch->position_of(*run, offset);
        if (!batch->restart_hold && none_set(batch->settled, position, most)) {
            count = most;
        }
        carry_out(queue, *batch, *run, offset, count, settlement.action);
        offset += count;
    }
}

void Settling::carry_out(Queue& queue, LeaseBatch& batch, const LeasedRun& run, Offset first, std::uint32_t count,
                         const SettleAction& action) {
    const std::uint32_t position = batch.position_of(run, first);
    if (std::holds_alternative<Ack>(action)) {
        ack(queue, batch, run, first, count);
    } else if (const auto* given = std::get_if<Extend>(&action)) {
        extend(queue, batch, position, count, *given);
    } else if (std::holds_alternative<Started>(action)) {
        set_bits(batch.started, position, count);
    } else {
        const BatchNumber number = batch.number;
        for (std::uint32_t i = 0; i < count; ++i) {
            LeaseBatch& live = *queue.leases.find(number);
            if (const auto* failed = std::get_if<Fail>(&action)) {
                fail(queue, live, first + i, *failed);
            } else {
                const GiveBack how{Cause::released, false, std::get<Release>(action).delay_ms, ""};
                give_back(state_, queue, live, position + i, first + i, how, now_, round_);
            }
        }
    }
}

void Settling::ack(Queue& queue, LeaseBatch& batch, const LeasedRun& run, Offset first, std::uint32_t count) {
    const std::uint32_t position = batch.position_of(run, first);
    const std::uint64_t bytes = bytes_of(queue, run, first, count);
    queue.recent_settles.push_back({batch.number, first, count});
    if (queue.recent_settles.size() > recent_settles_max) {
        queue.recent_settles.pop_front();
    }
    const auto detail = count == 1 ? batch.details.find(position) : batch.details.end();
    if (detail != batch.details.end() && detail->second.lane) {
        const MessageRecord record = *detail->second.lane;
        queue.leased_lane -= 1;
        close_lease(state_, queue, batch, position, 1, bytes, round_);
        remove_lane_record(queue, record, round_);
    } else {
        queue.leased_plain -= count;
        close_lease(state_, queue, batch, position, count, bytes, round_);
        leave_plain(state_, queue, first, count, round_);
    }
    queue.live_bytes -= bytes;
    queue.totals.acked += count - (planted(PlantedBug::counter_drift) && first % 64 == 0 ? 1 : 0);
}

void Settling::fail(Queue& queue, LeaseBatch& batch, Offset offset, const Fail& fail) {
    const LeasedRun& run = *batch.run_of(offset);
    const std::uint32_t position = batch.position_of(run, offset);
    const std::uint64_t bytes = bytes_of(queue, run, offset, 1);
    LeasedDetail detail;
    if (const auto found = batch.details.find(position); found != batch.details.end()) {
        detail = found->second;
    } else if (const auto returned = queue.returned.find(offset); returned != queue.returned.end()) {
        detail.counters = returned->second.counters;
        detail.counters.deliveries += 1;
        detail.attempts = returned->second.attempts;
    }
    detail.counters.failures += 1;
    detail.attempts.push_back({now_, batch.worker, fail.reason.substr(0, limits::reason_bytes_max)});
    if (detail.attempts.size() > limits::attempts_kept_max) {
        detail.attempts.erase(detail.attempts.begin());
    }
    const QueueSettings& settings = queue.settings;
    const std::uint32_t allowed = settings.max_attempts + (planted(PlantedBug::attempts_cap_off_by_one) ? 1 : 0);
    EndReason end = EndReason::none;
    if (fail.terminal) {
        end = EndReason::rejected;
    } else if (detail.counters.failures >= allowed) {
        end = EndReason::attempts_exhausted;
    } else if (settings.max_deliveries != 0 && detail.counters.deliveries >= settings.max_deliveries) {
        end = EndReason::deliveries_exhausted;
    }
    const DurationMs delay =
        fail.retry_after_ms.value_or(backoff_delay(settings.backoff, queue.id, offset, detail.counters.failures));

    MessageRecord record;
    auto meta = std::make_shared<MessageMeta>();
    if (detail.lane) {
        record = std::move(*detail.lane);
        if (record.meta) {
            *meta = *record.meta;
        }
        queue.leased_lane -= 1;
        close_lease(state_, queue, batch, position, 1, bytes, round_);
        remove_lane_record(queue, record, round_);
    } else {
        const ChunkPtr chunk = queue.window.resident(offset);
        record.offset = offset;
        record.ready_at = record.stored_at = chunk->stored_at;
        record.body = chunk->at(offset);
        if (const MetaPtr known = chunk->meta_of(offset)) {
            *meta = *known;
        }
        queue.leased_plain -= 1;
        close_lease(state_, queue, batch, position, 1, bytes, round_);
        leave_plain(state_, queue, offset, 1, round_);
    }
    meta->counters = detail.counters;
    meta->attempts = std::move(detail.attempts);
    meta->cause = Cause::failed;
    record.meta = std::move(meta);
    if (end != EndReason::none) {
        move_out(state_, queue, std::move(record), end, now_, round_);
        return;
    }
    record.at = now_ + delay;
    round_.bytes += record.body.size_of(0);
    put_lane_record(state_, queue, std::move(record), delay == 0, round_);
}

void Settling::extend(Queue& queue, LeaseBatch& batch, std::uint32_t position, std::uint32_t count,
                      const Extend& extend) {
    if (batch.restart_hold) {
        // Only what is named is held for longer; what it was given before the restart is not known.
        const LeasedRun& run = *std::find_if(batch.runs.begin(), batch.runs.end(), [&](const LeasedRun& one) {
            return position >= one.position && position < one.position + one.count;
        });
        const auto [detail, fresh] = batch.details.try_emplace(position);
        const auto returned = queue.returned.find(run.first + (position - run.position));
        if (fresh && returned != queue.returned.end()) {
            detail->second.counters = returned->second.counters;
            detail->second.counters.deliveries += 1;
            detail->second.attempts = returned->second.attempts;
        }
        const DurationMs by = extend.lease_ms != 0 ? extend.lease_ms : queue.settings.lease_ms;
        detail->second.deadline = now_ + by;
        queue.leases.refile(batch);
        state_.arm(queue, batch.filed_deadline);
        return;
    }
    const TimeMs deadline = now_ + (extend.lease_ms != 0 ? extend.lease_ms : batch.lease_ms);
    // Work that asks for more time has begun: losing it from now on counts.
    set_bits(batch.started, position, count);
    if (count == batch.size) {
        batch.deadline = deadline;
        for (auto& [at, detail] : batch.details) {
            detail.deadline = 0;
        }
    } else {
        for (std::uint32_t i = position; i < position + count; ++i) {
            batch.details[i].deadline = deadline;
        }
    }
    queue.leases.refile(batch);
    state_.arm(queue, batch.filed_deadline);
    if (batch.recorded) {
        round_.mutations.push_back(lease_record(queue, batch));
        state_.touch(queue, round_);
    }
}

bool Settling::late_ack(Queue& queue, const Token& token, Offset offset) {
    if (planted(PlantedBug::stale_ack_accepted)) {
        if (LeaseBatch* other = queue.leases.holder_of(offset); other != nullptr && !other->restart_hold) {
            const LeasedRun run = *other->run_of(offset);
            if (run.index) {
                ack(queue, *other, run, offset, 1);
                return true;
            }
        }
    }
    if (token.batch == 0 || token.epoch > state_.options.epoch) {
        return false;
    }
    const auto again = queue.waiting_again.find(offset);
    if (again != queue.waiting_again.end()) {
        const ReturnedRecord& record = queue.returned.at(offset);
        // The hold of a restart has no batch of its own: its fence is that of the holder before.
        const bool last_holder = record.cause == Cause::restart
                                     ? from_before(queue, token) && token.batch > record.late_fence
                                     : record.fence == token.batch;
        if (!last_holder) {
            return false;
        }
        queue.live_bytes -= queue.window.resident(offset)->at(offset).size_of(0);
        queue.waiting_again.erase(again);
        leave_plain(state_, queue, offset, 1, round_);
        queue.totals.acked += 1;
        return true;
    }
    const auto fence = queue.lane_fences.find(offset);
    std::optional<MessageRecord> record;
    if (fence != queue.lane_fences.end() && fence->second == token.batch) {
        record = queue.lane.take_ready(offset);
    } else if (from_before(queue, token)) {
        record = queue.lane.take_held(offset, queue.restart_lane_horizon);
    }
    if (!record) {
        return false;
    }
    queue.lane_fences.erase(offset);
    queue.live_bytes -= record->body.size_of(0);
    remove_lane_record(queue, *record, round_);
    queue.totals.acked += 1;
    state_.touch(queue, round_);
    return true;
}

RefusalCode Settling::why_not(Queue& queue, const Token& token, Offset offset) const {
    for (const RecentSettle& recent : queue.recent_settles) {
        if (recent.batch == token.batch && offset >= recent.first && offset < recent.first + recent.count) {
            return RefusalCode::already_settled;
        }
    }
    if (token.batch == 0 || token.batch >= queue.next_batch || token.epoch > state_.options.epoch) {
        return RefusalCode::token_unknown;
    }
    if (queue.leases.holder_of(offset) != nullptr) {
        return RefusalCode::lease_superseded;
    }
    const bool waits =
        queue.waiting_again.contains(offset) || queue.lane_fences.contains(offset) || queue.moving.contains(offset);
    if (waits) {
        return RefusalCode::lease_expired;
    }
    return queue.acks.test(offset) ? RefusalCode::message_gone : RefusalCode::token_unknown;
}

}  // namespace

void apply_settle(State& state, Request&& request, TimeMs now, Round& round) {
    Settle& settle = std::get<Settle>(request.body);
    if (auto fault = check_settle(settle)) {
        reply(request, std::move(*fault), round);
        return;
    }
    for (const Settlement& settlement : settle.settlements) {
        Queue* queue = state.find(settlement.token.queue);
        if (queue != nullptr && queue->attaching != 0 && settlement.token.epoch < state.options.epoch) {
            queue->waiting_attach.push_back(std::move(request));
            return;
        }
    }
    Settling settling(state, request, now, round);
    if (!settling.run()) {
        return;
    }
    if (settle.fetch) {
        Request fetch{request.connection, request.id, request.ns, *settle.fetch};
        apply_fetch(state, std::move(fetch), now, round);
    }
}

}  // namespace baton::core
