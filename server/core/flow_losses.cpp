// Children that are lost many at a time, when their queue is purged or deleted: the flows that have some there are gone
// through by an index, a bounded step a read, and each learns of those that are no longer anywhere. What is to be gone
// through is on disk until it is done.
#include "server/core/flows.hpp"
#include "server/core/job_lookup.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace baton::core {

namespace {

void begin_walk(State& state, const LostChildren& lost, Round& round) {
    Request request;
    request.body = LoseChildren{lost, {}, {}, false};
    look_for_lost_children(state, std::move(request), 0, round);
}

void read_members(State& state, Request&& request, Round& round) {
    const LoseChildren& lose = std::get<LoseChildren>(request.body);
    const ReadFlowMembers read{lose.lost.ns, lose.lost.queue, lose.after, limits::flow_members_per_step_max};
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{lose.lost.queue, LoadFlowMembers{std::move(request)}});
    round.reads.push_back({ticket, read});
}

/// What is known of the children of one flow in the queue.
struct Sought {
    std::vector<std::uint32_t> lost;
    /// Whether these are anywhere has to be read first.
    std::vector<Offset> unread;
};

Sought seek(State& state, const LoseChildren& lose, const Flow& flow, TimeMs now) {
    Sought sought;
    const LostChildren& lost = lose.lost;
    Queue* queue = state.find(lost.queue);
    for (std::uint32_t i = 0; i < flow.children.size(); ++i) {
        const FlowChild& child = flow.children[i];
        if (child.queue != lost.queue || child.offset >= lost.upto || !child.holds()) {
            continue;
        }
        if (const auto known = lose.is_there.find(child.offset); known != lose.is_there.end()) {
            if (!known->second) {
                sought.lost.push_back(i);
            }
            continue;
        }
        const JobLookup found = queue == nullptr ? JobLookup(Refusal{}) : look_up_job(state, *queue, child.offset, now);
        if (std::holds_alternative<Refusal>(found)) {
            sought.lost.push_back(i);
        } else if (const auto* unread = std::get_if<UnreadJob>(&found); unread && *unread == UnreadJob::record) {
            sought.unread.push_back(child.offset);
        }
    }
    return sought;
}

/// Takes note of what a read has found, since the flow may have to be read again before it is used. What is nowhere
/// does not come back.
void note_found(State& state, Queue& queue, LoseChildren& lose, TimeMs now) {
    for (const auto& [offset, record] : state.brought.jobs_of(queue.id).records) {
        const JobLookup found = look_up_job(state, queue, offset, now);
        if (!std::holds_alternative<UnreadJob>(found)) {
            lose.is_there[offset] = std::holds_alternative<FoundJob>(found);
        }
    }
}

void end_walk(State& state, const LostChildren& lost) {
    std::erase(state.flows.lost, lost);
    state.shard_dirty = true;
}

}  // namespace

void lose_children(State& state, const LostChildren& lost, Round& round) {
    if (planted(PlantedBug::lost_children_forgotten)) {
        return;
    }
    // Another one that is under way goes on beside it.
    if (std::find(state.flows.lost.begin(), state.flows.lost.end(), lost) == state.flows.lost.end()) {
        state.flows.lost.push_back(lost);
        state.shard_dirty = true;
    }
    begin_walk(state, lost, round);
}

void resume_losses(State& state, Round& round) {
    for (const LostChildren& lost : std::exchange(state.flows.lost_before_restart, {})) {
        begin_walk(state, lost, round);
    }
}

void look_for_lost_children(State& state, Request&& request, TimeMs now, Round& round) {
    LoseChildren& lose = std::get<LoseChildren>(request.body);
    Queue* queue = state.find(lose.lost.queue);
    if (queue != nullptr && queue->attaching != 0) {
        queue->waiting_attach.push_back(std::move(request));
        return;
    }
    if (queue != nullptr) {
        close_chunks(state, *queue, round);
        note_found(state, *queue, lose, now);
    }
    while (!lose.flows.empty()) {
        const FlowId id = lose.flows.front();
        const bool gone = state.flows.absent == id || state.find(id.queue) == nullptr;
        const Flow* flow = gone ? nullptr : loaded_flow(state, id);
        if (flow == nullptr && !gone) {
            read_flow(state, id, std::move(request), round);
            return;
        }
        if (gone) {
            round.mutations.push_back(RemoveFlowMember{lose.lost.ns, lose.lost.queue, id});
        } else {
            Sought sought = seek(state, lose, *flow, now);
            if (!sought.unread.empty()) {
                read_jobs(state, *queue, std::move(sought.unread), std::move(request), round);
                return;
            }
            const char* const how = queue == nullptr ? "its queue was deleted" : "purged";
            for (const std::uint32_t index : sought.lost) {
                state.flows.told.emplace_back(FlowLink{id, index}, FlowNews{FlowNewsKind::ended, JobOutcome::removed,
                                                                            how, nullptr, lose.lost.queue});
            }
            run_flows(state, now, round);
        }
        lose.is_there.clear();
        lose.flows.pop_front();
    }
    if (lose.at_end) {
        end_walk(state, lose.lost);
    } else {
        read_members(state, std::move(request), round);
    }
}

void flow_members_arrived(State& state, LoadFlowMembers&& load, FlowMembersRead&& found, TimeMs now, Round& round) {
    LoseChildren& lose = std::get<LoseChildren>(load.parked.body);
    lose.at_end = found.at_end;
    if (!found.flows.empty()) {
        lose.after = found.flows.back();
    }
    lose.flows.assign(found.flows.begin(), found.flows.end());
    dispatch(state, std::move(load.parked), now, round);
}

}  // namespace baton::core
