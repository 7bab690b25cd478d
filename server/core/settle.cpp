// Settling: a token and offset ranges end or prolong leases. What the token no longer holds is refused with the reason;
// the rest is carried out, acks of whole runs by a few words of a bitmap.
#include "server/core/allowance.hpp"
#include "server/core/completed_set.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/lease_tokens.hpp"
#include "server/core/limits.hpp"
#include "server/core/names.hpp"
#include "server/core/outcome.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/require.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

namespace {

class Settling {
public:
    Settling(State& state, const FlowsSeen& flows, TimeMs now, Round& round)
        : state_(state), flows_(flows), now_(now), round_(round) {}

    Settled run(const std::vector<Settlement>& settlements);

private:
    void one(std::uint32_t index, const Settlement& settlement);
    void range(std::uint32_t index, const Settlement& settlement, Queue& queue, const OffsetRange& range);
    void carry_out(Queue& queue, LeaseBatch& batch, const LeasedRun& run, Offset first, std::uint32_t count,
                   const SettleAction& action);
    void refuse(std::uint32_t index, Offset offset, RefusalCode code);

    State& state_;
    const FlowsSeen& flows_;
    TimeMs now_;
    Round& round_;
    Settled out_;
};

Settled Settling::run(const std::vector<Settlement>& settlements) {
    for (std::uint32_t i = 0; i < settlements.size(); ++i) {
        one(i, settlements[i]);
    }
    return std::move(out_);
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
    for (Offset lost = std::max(end, wanted.first); lost < wanted.first + wanted.count; ++lost) {
        refuse(index, lost, RefusalCode::token_unknown);
    }
    for (Offset offset = wanted.first; offset < end;) {
        LeaseBatch* batch = batch_of(state_, queue, settlement.token);
        const LeasedRun* run = batch == nullptr ? nullptr : batch->run_of(offset);
        const bool holds = run != nullptr && token_holds(queue, *batch, settlement.token, offset);
        if (!holds) {
            const auto* ack = std::get_if<Ack>(&settlement.action);
            if (ack == nullptr || !late_ack(state_, queue, settlement.token, offset, ack->result, now_, round_)) {
                refuse(index, offset, why_not_held(state_, queue, settlement.token, offset));
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
        if (const auto kept = why_not_ackable(flows_, queue, offset, settlement.action)) {
            refuse(index, offset, *kept);
        } else {
            carry_out(queue, *batch, *run, offset, count, settlement.action);
        }
        offset += count;
    }
}

GroupPtr group_of(const Queue& queue, const LeaseBatch& batch, std::uint32_t position) {
    const auto detail = batch.details.find(position);
    const bool grouped =
        detail != batch.details.end() && detail->second.lane && is_grouped(queue, detail->second.lane->meta);
    return grouped ? detail->second.lane->meta->group : nullptr;
}

void Settling::carry_out(Queue& queue, LeaseBatch& batch, const LeasedRun& run, Offset first, std::uint32_t count,
                         const SettleAction& action) {
    const std::uint32_t position = batch.position_of(run, first);
    if (const auto* ack = std::get_if<Ack>(&action)) {
        ack_leases(state_, queue, batch, run, first, count, ack->result, now_, round_);
    } else if (const auto* given = std::get_if<Extend>(&action)) {
        extend_leases(state_, queue, batch, position, count, *given, now_, round_);
    } else if (std::holds_alternative<Started>(action)) {
        set_bits(batch.started, position, count);
    } else {
        const BatchNumber number = batch.number;
        for (std::uint32_t i = 0; i < count; ++i) {
            LeaseBatch& live = *queue.leases.find(number);
            if (const auto* failed = std::get_if<Fail>(&action)) {
                fail_lease(state_, queue, live, first + i, *failed, now_, round_);
            } else {
                const auto& release = std::get<Release>(action);
                const GroupPtr group = release.penalise_group ? group_of(queue, live, position + i) : nullptr;
                const GiveBack how{Cause::released, false, release.delay_ms, ""};
                give_back(state_, queue, live, position + i, first + i, how, now_, round_);
                if (group) {
                    penalise_group(state_, queue, group, release.penalty_ms, now_, round_);
                }
            }
        }
        if (const auto* release = std::get_if<Release>(&action);
            release != nullptr && release->penalty_ms != 0 && !release->penalise_group) {
            penalise(state_, queue, release->penalty_ms, now_, round_);
        }
    }
}

}  // namespace

std::uint64_t leased_bytes(const Queue& queue, const LeasedRun& run, Offset first, std::uint32_t count) {
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

std::optional<RefusalCode> why_not_ackable(const FlowsSeen& flows, const Queue& queue, Offset offset,
                                           const SettleAction& action) {
    const auto seen = flows.empty() ? flows.end() : flows.find({queue.id, offset});
    return seen != flows.end() && std::holds_alternative<Ack>(action) ? seen->second : std::nullopt;
}

void remember_settle(Queue& queue, BatchNumber batch, Offset first, std::uint32_t count) {
    queue.recent_settles.add(batch, first, count);
}

void ack_leases(State& state, Queue& queue, LeaseBatch& batch, const LeasedRun& run, Offset first, std::uint32_t count,
                const JobResultPtr& result, TimeMs now, Round& round) {
    if (queue.settings.keep_completed) {
        keep_completed_run(state, queue, batch, run, {first, count}, result, now, round);
    }
    const std::uint32_t position = batch.position_of(run, first);
    if (queue.watched()) {
        const auto own = count == 1 ? batch.details.find(position) : batch.details.end();
        const bool from_lane = own != batch.details.end() && own->second.lane;
        ended(
            state, queue,
            {JobOutcome::completed, first, count, "", result, from_lane ? own->second.lane->meta : nullptr, !from_lane},
            round);
    }
    const std::uint64_t bytes = leased_bytes(queue, run, first, count);
    remember_settle(queue, batch.number, first, count);
    const auto detail = count == 1 ? batch.details.find(position) : batch.details.end();
    if (detail != batch.details.end() && detail->second.lane) {
        const MessageRecord record = *detail->second.lane;
        queue.leased_of(record.lane) -= 1;
        close_lease(state, queue, batch, position, 1, bytes, round);
        remove_lane_record(queue, record, round);
        names_ended(state, queue, record.meta, record.offset, NameEnding::finished, now, round);
    } else {
        queue.leased_plain -= count;
        close_lease(state, queue, batch, position, count, bytes, round);
        leave_plain(state, queue, first, count, round);
    }
    queue.live_bytes -= bytes;
    queue.totals.acked += count - (planted(PlantedBug::counter_drift) && first % 64 == 0 ? 1 : 0);
}

void carry_out_settlements(State& state, const std::vector<Settlement>& settlements, const FlowsSeen& flows, TimeMs now,
                           Round& round) {
    const Settled done = Settling(state, flows, now, round).run(settlements);
    require(done.refused.empty(), "what is settled without an answer of its own was held");
}

void apply_settle(State& state, Request&& request, TimeMs now, Round& round) {
    Settle& settle = std::get<Settle>(request.body);
    if (auto fault = check_settlements(settle.settlements)) {
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
    for (const Settlement& settlement : settle.settlements) {
        Queue* queue = state.find(settlement.token.queue);
        if (queue != nullptr && settlement_parked(state, *queue, settlement, request, round)) {
            return;
        }
    }
    reply(request, Settling(state, settle.flows_seen, now, round).run(settle.settlements), round);
    if (settle.fetch) {
        Request fetch{request.connection, request.id, request.ns, *settle.fetch};
        apply_fetch(state, std::move(fetch), now, round);
    }
}

}  // namespace baton::core
