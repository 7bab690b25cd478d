// Flows in memory and on disk: read when something is for them, written once a commit, forgotten when they are over.
#include "server/core/flows.hpp"
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace baton::core {

namespace {

/// Flows that are gone may stand in the order beside those in memory, before they are looked for there.
constexpr std::size_t order_slack = 1'024;

std::size_t bytes_of(const Flow& flow) {
    std::size_t bytes = sizeof(Flow) + 64 + flow.children.size() * sizeof(FlowChild);
    for (const FlowChild& child : flow.children) {
        bytes +=
            child.error.size() + (child.result ? child.result->value.size() + child.result->content_type.size() : 0);
    }
    return bytes + (flow.parent ? flow.parent->body.size_of(0) : 0);
}

std::uint32_t holding_of(const Flow& flow) {
    return static_cast<std::uint32_t>(std::count_if(flow.children.begin(), flow.children.end(),
                                                    [](const FlowChild& child) { return child.holds(); }));
}

void ask(State& state, const FlowId& id, FlowReading& reading, Round& round) {
    const Queue& queue = *state.find(id.queue);
    reading.number = state.flows.next_reading++;
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{id.queue, LoadFlow{id, reading.number, {}}});
    round.reads.push_back({ticket, ReadFlow{queue.ns, id, queue.lane_generation, {}}});
}

void erase_loaded(FlowTable& flows, std::map<FlowId, Flow>::iterator at) {
    flows.bytes -= at->second.bytes;
    flows.changed.erase(at->first);
    flows.loaded.erase(at);
}

bool tells_of_parent(const FlowReading& reading) {
    return std::any_of(reading.news.begin(), reading.news.end(),
                       [](const auto& told) { return told.second.first == parent_index; });
}

PutFlow page_of(const FlowId& id, const Flow& flow, std::uint32_t page) {
    PutFlow put{flow.ns, id, page, flow.head, {}};
    const std::size_t from = std::size_t{page} * limits::flow_page_children;
    const std::size_t to = std::min<std::size_t>(flow.children.size(), from + limits::flow_page_children);
    put.children.assign(flow.children.begin() + static_cast<std::ptrdiff_t>(from),
                        flow.children.begin() + static_cast<std::ptrdiff_t>(to));
    return put;
}

}  // namespace

Flow* loaded_flow(State& state, const FlowId& id) {
    const auto found = state.flows.loaded.find(id);
    return found == state.flows.loaded.end() ? nullptr : &found->second;
}

void read_flow(State& state, const FlowId& id, Request&& request, Round& round) {
    FlowReading& reading = state.flows.reading[id];
    reading.parked.push_back(std::move(request));
    if (reading.number == 0) {
        ask(state, id, reading, round);
    }
}

void read_flow_again(State& state, const FlowId& id, Round& round) {
    if (const auto reading = state.flows.reading.find(id); reading != state.flows.reading.end()) {
        ask(state, id, reading->second, round);
    }
}

void keep_news(State& state, const FlowLink& child, FlowNews&& news, Round& round) {
    if (planted(PlantedBug::flow_news_lost)) {
        return;
    }
    Queue& queue = *state.find(child.flow.queue);
    FlowReading& reading = state.flows.reading[child.flow];
    const std::uint32_t number = reading.news.empty() ? 0 : std::prev(reading.news.end())->first + 1;
    round.mutations.push_back(PutFlowNews{queue.ns, child, number, news});
    round.bytes += news.text.size() + (news.result ? news.result->value.size() : 0);
    state.touch(queue, round);
    reading.news.emplace(number, std::pair{child.index, std::move(news)});
    // A read that is under way may have been made before the parent was put among those that wait.
    if (reading.number == 0 || child.index == parent_index) {
        ask(state, child.flow, reading, round);
    }
}

Flow& take_in_flow(State& state, const FlowId& id, Flow&& flow) {
    flow.holding = holding_of(flow);
    flow.bytes = bytes_of(flow);
    state.flows.bytes += flow.bytes;
    state.flows.order.push_back(id);
    return state.flows.loaded.insert_or_assign(id, std::move(flow)).first->second;
}

void mark_changed(State& state, const FlowId& id, std::uint32_t child) {
    Flow& flow = state.flows.loaded.at(id);
    flow.changed.insert(child / limits::flow_page_children);
    state.flows.changed.insert(id);
}

void forget_reading(State& state, const Queue& queue, const FlowId& id, Round& round) {
    const auto reading = state.flows.reading.find(id);
    if (reading == state.flows.reading.end()) {
        return;
    }
    for (const auto& [number, news] : reading->second.news) {
        round.mutations.push_back(RemoveFlowNews{queue.ns, id, number});
    }
    for (Request& parked : reading->second.parked) {
        state.rerun.push_back(std::move(parked));
    }
    state.flows.reading.erase(reading);
}

void drop_flow(State& state, Queue& queue, const FlowId& id, Round& round) {
    if (const auto found = state.flows.loaded.find(id); found != state.flows.loaded.end()) {
        leave_members(id, found->second, round);
        erase_loaded(state.flows, found);
    }
    forget_reading(state, queue, id, round);
    round.mutations.push_back(RemoveFlows{queue.ns, id.queue, {{id.parent, 1}}, queue.flows.has_pages});
}

void retire_flows(State& state, Queue& queue, const std::vector<OffsetRange>& parents, Round& round) {
    if (!queue.flows.has_parents || parents.empty()) {
        return;
    }
    for (const OffsetRange& range : parents) {
        auto& loaded = state.flows.loaded;
        const FlowId end{queue.id, range.first + range.count};
        for (auto at = loaded.lower_bound({queue.id, range.first}); at != loaded.end() && at->first < end;) {
            leave_members(at->first, at->second, round);
            erase_loaded(state.flows, at++);
        }
        auto& reading = state.flows.reading;
        for (auto at = reading.lower_bound({queue.id, range.first}); at != reading.end() && at->first < end;) {
            forget_reading(state, queue, FlowId((at++)->first), round);
        }
    }
    round.mutations.push_back(RemoveFlows{queue.ns, queue.id, parents, queue.flows.has_pages});
}

void purge_flows(State& state, Queue& queue, Round& round) {
    queue.flows.waiting = 0;
    auto& loaded = state.flows.loaded;
    std::vector<FlowId> gone;
    for (auto at = loaded.lower_bound({queue.id, 0}); at != loaded.end() && at->first.queue == queue.id; ++at) {
        if (at->second.parent) {
            gone.push_back(at->first);
        }
    }
    for (const FlowId& id : gone) {
        drop_flow(state, queue, id, round);
    }
    // What is being read now would come with the parent that it had.
    auto& reading = state.flows.reading;
    for (auto at = reading.lower_bound({queue.id, 0}); at != reading.end() && at->first.queue == queue.id; ++at) {
        ask(state, at->first, at->second, round);
    }
}

void forget_flows(State& state, const Queue& queue, Round& round) {
    auto& loaded = state.flows.loaded;
    for (auto at = loaded.lower_bound({queue.id, 0}); at != loaded.end() && at->first.queue == queue.id;) {
        leave_members(at->first, at->second, round);
        erase_loaded(state.flows, at++);
    }
    auto& reading = state.flows.reading;
    for (auto at = reading.lower_bound({queue.id, 0}); at != reading.end() && at->first.queue == queue.id;) {
        for (Request& parked : at->second.parked) {
            state.rerun.push_back(std::move(parked));
        }
        reading.erase(at++);
    }
}

void read_flows_with_news(State& state, const Queue& queue, Round& round) {
    auto& reading = state.flows.reading;
    for (auto at = reading.lower_bound({queue.id, 0}); at != reading.end() && at->first.queue == queue.id; ++at) {
        if (at->second.number == 0) {
            ask(state, at->first, at->second, round);
        }
    }
}

void restore_news(State& state, const PutFlowNews& record) {
    state.flows.reading[record.child.flow].news.emplace(record.number, std::pair{record.child.index, record.news});
}

void drop_news_of_gone_queues(State& state) {
    std::erase_if(state.flows.reading, [&](const auto& entry) { return state.find(entry.first.queue) == nullptr; });
}

void flow_arrived(State& state, LoadFlow&& load, FlowRead&& found, TimeMs now, Round& round) {
    // First what was told since: it may ask for the flow anew.
    run_flows(state, now, round);
    Queue* queue = state.find(load.flow.queue);
    const auto waiting = state.flows.reading.find(load.flow);
    if (queue == nullptr || waiting == state.flows.reading.end() || waiting->second.number != load.number) {
        return;  // Dropped, or asked for again, meanwhile.
    }
    FlowReading reading = std::move(waiting->second);
    state.flows.reading.erase(waiting);
    // A purge takes a parent and not its record.
    const bool waits = found.head && (found.head->state == FlowState::waiting || tells_of_parent(reading));
    const bool orphan = waits && !found.parent;
    if (found.head && loaded_flow(state, load.flow) == nullptr) {
        Flow flow{queue->ns, *found.head, std::move(found.children), std::nullopt, 0, {}, 0};
        flow.parent = std::move(found.parent);
        take_in_flow(state, load.flow, std::move(flow));
    }
    if (orphan) {
        drop_flow(state, *queue, load.flow, round);
    }
    const bool known = found.head && !orphan;
    for (auto& [number, told] : reading.news) {
        auto& [index, news] = told;
        round.mutations.push_back(RemoveFlowNews{queue->ns, load.flow, number});
        state.touch(*queue, round);
        if (!known) {
            round.mutations.push_back(RemoveFlowMember{queue->ns, news.queue, load.flow});
        } else {
            state.flows.told.emplace_back(FlowLink{load.flow, index}, std::move(news));
        }
    }
    run_flows(state, now, round);
    for (Request& parked : reading.parked) {
        if (!known) {
            state.flows.absent = load.flow;
        }
        dispatch(state, std::move(parked), now, round);
        state.flows.absent.reset();
    }
}

void write_flows(State& state, Round& round) {
    FlowTable& flows = state.flows;
    for (const FlowId& id : std::exchange(flows.changed, {})) {
        Flow& flow = flows.loaded.at(id);
        for (const std::uint32_t page : std::exchange(flow.changed, {})) {
            round.mutations.push_back(page_of(id, flow, page));
        }
        flows.bytes -= flow.bytes;
        flow.bytes = bytes_of(flow);
        flows.bytes += flow.bytes;
    }
    if (flows.order.size() > 2 * flows.loaded.size() + order_slack) {
        std::erase_if(flows.order, [&](const FlowId& id) { return !flows.loaded.contains(id); });
    }
    while (!flows.order.empty() && (flows.loaded.size() > state.options.flows_in_memory_max ||
                                    flows.bytes > limits::flow_bytes_in_memory_max)) {
        if (const auto oldest = flows.loaded.find(flows.order.front()); oldest != flows.loaded.end()) {
            erase_loaded(flows, oldest);
        }
        flows.order.pop_front();
    }
}

}  // namespace baton::core
