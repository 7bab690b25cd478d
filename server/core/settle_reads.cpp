// What a settle must have in memory before it is carried out.
#include "server/core/completed_set.hpp"
#include "server/core/flows.hpp"
#include "server/core/lease_tokens.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

FlowsSeen& flows_seen(RequestBody& body) {
    auto* settle = std::get_if<Settle>(&body);
    return settle != nullptr ? settle->flows_seen : std::get<RunTransaction>(body).flows_seen;
}

/// Acks of jobs that have children of their own need to know what became of these.
bool flow_parked(State& state, Queue& queue, const LeaseBatch& batch, const Settlement& settlement, Request& request,
                 Round& round) {
    for (const auto& [position, detail] : batch.details) {
        if (batch.is_settled(position) || !detail.lane || !asks_after_children(detail.lane->meta)) {
            continue;
        }
        const FlowId id{queue.id, detail.lane->offset};
        const bool named = std::any_of(settlement.ranges.begin(), settlement.ranges.end(), [&](const OffsetRange& one) {
            return id.parent >= one.first && id.parent - one.first < one.count;
        });
        FlowsSeen& seen = flows_seen(request.body);
        if (!named) {
            continue;
        }
        const bool known = loaded_flow(state, id) != nullptr || state.flows.absent == id;
        if (!known && seen.contains(id)) {
            continue;
        }
        if (!known) {
            read_flow(state, id, std::move(request), round);
            return true;
        }
        seen[id] = why_not_done(state, id);
    }
    return false;
}

}  // namespace

bool settlement_parked(State& state, Queue& queue, const Settlement& settlement, Request& request, Round& round) {
    LeaseBatch* batch = batch_of(state, queue, settlement.token);
    if (batch != nullptr && queue.flows.has_parents && std::holds_alternative<Ack>(settlement.action) &&
        flow_parked(state, queue, *batch, settlement, request, round)) {
        return true;
    }
    const bool moves_body =
        std::holds_alternative<Fail>(settlement.action) ||
        (std::holds_alternative<Release>(settlement.action) && std::get<Release>(settlement.action).delay_ms > 0);
    const bool acks = std::holds_alternative<Ack>(settlement.action);
    const bool keeps_bodies = acks && keeps_completed_bodies(queue);
    for (const OffsetRange& range : settlement.ranges) {
        for (Offset offset = range.first; offset < range.first + range.count; ++offset) {
            // Given back already: a late ack takes it from there.
            if (acks && queue.returned.contains(offset) && queue.waiting_again.contains(offset) &&
                !queue.window.resident(offset)) {
                state.read_chunks(queue, offset, std::move(request), round);
                return true;
            }
            if (batch == nullptr) {
                continue;
            }
            const LeasedRun* run = batch->run_of(offset);
            if (run == nullptr) {
                continue;
            }
            if (run->index && !moves_body && !keeps_bodies) {
                // Everything about this run is known, but what was given back of it.
                offset = queue.waiting_again.empty() ? run->first + run->count - 1 : offset;
                continue;
            }
            if (run->index && keeps_bodies) {
                const ChunkPtr chunk = queue.window.resident(offset);
                if (chunk && queue.waiting_again.empty()) {
                    offset = std::min(run->first + run->count, chunk->end()) - 1;
                    continue;
                }
                if (!wants_completed_body(queue, *run, offset)) {
                    continue;
                }
            }
            const auto detail = batch->details.find(batch->position_of(*run, offset));
            if (detail != batch->details.end() && detail->second.lane) {
                continue;
            }
            if (token_holds(queue, *batch, settlement.token, offset) && !queue.window.resident(offset)) {
                state.read_chunks(queue, offset, std::move(request), round);
                return true;
            }
        }
    }
    return false;
}

}  // namespace baton::core
