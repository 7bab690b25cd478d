#include "server/core/flow_walk.hpp"

#include "server/core/flows.hpp"
#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

namespace baton::core {

namespace {

using Action = ActOnFlow::Action;

/// Whether the action may mean a child, or something below it.
bool is_wanted(Action action, const FlowChild& child) {
    switch (action) {
        case Action::cancel:
            return child.state == ChildState::pending || child.is_parent;
        case Action::remove:
            return child.state != ChildState::removed;
        case Action::remove_unprocessed:
            return child.state == ChildState::pending;
        case Action::retry:
            return child.state == ChildState::failed || child.state == ChildState::ignored ||
                   (child.state == ChildState::pending && child.is_parent);
    }
    return false;
}

/// A child of the job that is looked at.
void add_found(FlowGathering& found, const FlowChild& child) {
    const FlowId id{child.queue, child.offset};
    const auto [at, is_new] = found.known.emplace(id, static_cast<std::uint32_t>(found.jobs.size()));
    if (is_new) {
        found.jobs.push_back({id, child.is_parent});
    }
    found.jobs[at->second].parents += 1;
    found.jobs[found.looked].children.push_back(at->second);
}

/// From the top: each job after all of its parents, also where one has several at different levels.
std::vector<FlowId> top_down(FlowGathering&& found) {
    std::vector<std::uint32_t> order{0};
    std::vector<FlowId> jobs;
    for (std::size_t i = 0; i < order.size(); ++i) {
        jobs.push_back(found.jobs[order[i]].id);
        for (const std::uint32_t child : found.jobs[order[i]].children) {
            if (--found.jobs[child].parents == 0) {
                order.push_back(child);
            }
        }
    }
    return jobs;
}

/// The end of one of the requests that are counted.
void answer_acting(State& state, const Request& request, ReplyBody&& body, Round& round) {
    state.flows.acting -= std::get<ActOnFlow>(request.body).counted ? 1 : 0;
    reply(request, std::move(body), round);
}

enum class Gathered : std::uint8_t { all, parked, refused };

/// Looks at the flows of what was found, level by level, until one must be read first.
Gathered gather(State& state, Request& request, Round& round) {
    ActOnFlow& act = std::get<ActOnFlow>(request.body);
    FlowGathering& found = act.found;
    while (found.looked < found.jobs.size()) {
        const FlowId id = found.jobs[found.looked].id;
        const bool leaf = !found.jobs[found.looked].may_have_children;
        const Flow* flow = leaf ? nullptr : loaded_flow(state, id);
        const bool absent = flow == nullptr && (leaf || state.flows.absent == id || state.find(id.queue) == nullptr);
        if (flow == nullptr && !absent) {
            read_flow(state, id, std::move(request), round);
            return Gathered::parked;
        }
        if (flow == nullptr && found.looked == 0) {
            answer_acting(
                state, request,
                Refusal{RefusalCode::flow_not_found, "the queue has no flow with this parent, or it is gone", "offset"},
                round);
            return Gathered::refused;
        }
        for (std::size_t i = 0; flow != nullptr && i < flow->children.size(); ++i) {
            if (is_wanted(act.action, flow->children[i])) {
                add_found(found, flow->children[i]);
            }
        }
        if (found.jobs.size() > limits::flow_walk_jobs_max) {
            answer_acting(
                state, request,
                invalid("offset", "a flow of more than 10000 jobs is acted on in parts", limits::flow_walk_jobs_max),
                round);
            return Gathered::refused;
        }
        ++found.looked;
    }
    return Gathered::all;
}

bool is_leased(State& state, const FlowId& job) {
    const Queue* queue = state.find(job.queue);
    if (queue == nullptr || job.parent >= queue->end) {
        return false;
    }
    const bool in_chunk = !queue->acks.test(job.parent);
    return in_chunk ? job.parent < queue->next && !queue->waiting_again.contains(job.parent)
                    : queue->is_out(job.parent) && queue->lane.find_ready(job.parent) == nullptr;
}

JobFilterPtr in_states(std::initializer_list<MessageState> states) {
    auto filter = std::make_shared<JobFilter>();
    for (const MessageState state : states) {
        filter->states |= state_bit(state);
    }
    return filter;
}

RequestBody body_for(const ActOnFlow& act, const std::string& queue, std::vector<Offset>&& offsets) {
    switch (act.action) {
        case Action::cancel:
            return CancelJobs{queue, std::move(offsets), act.grace_ms, {}};
        case Action::retry:
            return RetryFailed{queue, std::move(offsets), act.keep_counters, false, in_states({MessageState::failed})};
        case Action::remove:
        case Action::remove_unprocessed:
            break;
    }
    RemoveJobs remove{queue, std::move(offsets)};
    if (act.action == Action::remove_unprocessed) {
        remove.detach = true;
        remove.only = in_states({MessageState::waiting, MessageState::prioritized, MessageState::grouped,
                                 MessageState::delayed, MessageState::waiting_children});
    }
    return remove;
}

/// The next jobs of one queue, or the answer when that was all.
void step_walk(State& state, std::uint64_t number, TimeMs now, Round& round) {
    FlowWalk& walk = state.flows.walks.at(number);
    walk.slice = walk.next;
    while (walk.next < walk.jobs.size()) {
        const QueueId id = walk.jobs[walk.next].queue;
        std::vector<Offset> offsets;
        for (; walk.next < walk.jobs.size() && walk.jobs[walk.next].queue == id &&
               offsets.size() < limits::flow_walk_slice;
             ++walk.next) {
            offsets.push_back(walk.jobs[walk.next].parent);
        }
        if (const Queue* queue = state.find(id)) {
            Request request;
            request.ns = walk.origin.ns;
            request.walk = number;
            request.body = body_for(std::get<ActOnFlow>(walk.origin.body), queue->name, std::move(offsets));
            dispatch(state, std::move(request), now, round);
            return;
        }
        walk.done.skipped += offsets.size();
    }
    answer_acting(state, walk.origin, walk.done, round);
    state.flows.walks.erase(number);
}

void begin_walk_over(State& state, Request&& request, TimeMs now, Round& round) {
    ActOnFlow& act = std::get<ActOnFlow>(request.body);
    FlowWalk walk;
    walk.jobs = top_down(std::exchange(act.found, {}));
    if (act.action == Action::retry) {
        // A parent waits for those of its children that are done again already.
        std::reverse(walk.jobs.begin(), walk.jobs.end());
    }
    walk.next = act.action == Action::remove_unprocessed ? 1 : 0;
    walk.origin = std::move(request);
    const std::uint64_t number = state.flows.next_walk++;
    state.flows.walks.emplace(number, std::move(walk));
    step_walk(state, number, now, round);
}

}  // namespace

void apply_act_on_flow(State& state, Request&& request, TimeMs now, Round& round) {
    run_flows(state, now, round);
    ActOnFlow& act = std::get<ActOnFlow>(request.body);
    const Queue* queue = state.find(request.ns, act.queue);
    if (queue == nullptr) {
        answer_acting(state, request, no_such_queue(act.queue), round);
        return;
    }
    if (act.grace_ms < 0 || act.grace_ms > limits::cancel_grace_ms_max) {
        reply(request, invalid("cancel_flow.grace_ms", "grace_ms is from 0 to 600000", limits::cancel_grace_ms_max),
              round);
        return;
    }
    if (!act.counted && state.flows.acting >= limits::flow_walks_max) {
        reply(request, Refusal{RefusalCode::busy, "many flows are being acted on", "", 0, true, 100}, round);
        return;
    }
    if (!std::exchange(act.counted, true)) {
        state.flows.acting += 1;
        const FlowId root{queue->id, act.offset};
        act.found.jobs.push_back({root, true});
        act.found.known.emplace(root, 0);
    }
    if (gather(state, request, round) != Gathered::all) {
        return;
    }
    const auto& jobs = act.found.jobs;
    const auto held = std::find_if(jobs.begin(), jobs.end(), [&](const auto& job) { return is_leased(state, job.id); });
    if (act.action == Action::remove && held != jobs.end()) {
        answer_acting(state, request,
                      Refusal{RefusalCode::wrong_message_state,
                              "message " + std::to_string(held->id.parent) + " of " + state.find(held->id.queue)->name +
                                  " is leased: a flow is removed when nobody works on it",
                              "offset"},
                      round);
        return;
    }
    begin_walk_over(state, std::move(request), now, round);
}

void flow_walk_answered(State& state, std::uint64_t walk, ReplyBody&& body, TimeMs now, Round& round) {
    FlowWalk& of = state.flows.walks.at(walk);
    if (const auto* cancelled = std::get_if<JobsCancelled>(&body)) {
        of.done.done += cancelled->cancelled.size();
        of.done.cancelling += cancelled->cancelling.size();
        of.done.skipped += cancelled->refused.size();
    } else if (const auto* removed = std::get_if<JobsRemoved>(&body)) {
        of.done.done += removed->removed;
        of.done.skipped += removed->refused.size();
    } else if (const auto* counted = std::get_if<Counted>(&body)) {
        of.done.done += counted->messages;
        of.done.skipped += counted->skipped;
    } else if (const auto* busy = std::get_if<Refusal>(&body); busy != nullptr && busy->code == RefusalCode::busy) {
        of.next = of.slice;
        state.flows.walk_timers.emplace(now + limits::flow_walk_again_ms, walk);
        return;
    } else if (auto* refusal = std::get_if<Refusal>(&body); refusal != nullptr &&
                                                            refusal->code != RefusalCode::queue_not_found &&
                                                            refusal->code != RefusalCode::queue_deleted) {
        answer_acting(state, of.origin, std::move(*refusal), round);
        state.flows.walks.erase(walk);
        return;
    }
    state.flows.walks_next_round.push_back(walk);
}

void run_flow_walks(State& state, TimeMs now, Round& round) {
    auto& timers = state.flows.walk_timers;
    std::vector<std::uint64_t> due;
    for (; !timers.empty() && timers.begin()->first <= now; timers.erase(timers.begin())) {
        due.push_back(timers.begin()->second);
    }
    for (const std::uint64_t walk : due) {
        step_walk(state, walk, now, round);
    }
}

void end_walk_round(State& state, TimeMs now) {
    for (const std::uint64_t walk : std::exchange(state.flows.walks_next_round, {})) {
        state.flows.walk_timers.emplace(now, walk);
    }
}

}  // namespace baton::core
