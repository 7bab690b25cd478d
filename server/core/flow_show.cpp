// Looking at flows: one with those below it, and the children of one page by page.
#include "server/core/flows.hpp"
#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace baton::core {

namespace {

Refusal no_such_flow() {
    return {RefusalCode::flow_not_found, "the queue has no flow with this parent, or it is gone", "offset"};
}

ChildView view_of(State& state, const FlowChild& child, std::uint32_t index) {
    const Queue* queue = state.find(child.queue);
    return {index, child, queue == nullptr ? "" : queue->name};
}

FlowView view_of(State& state, const FlowId& id, const Flow& flow, std::uint32_t width) {
    FlowView view{id, state.find(id.queue)->name, flow.head};
    for (const FlowChild& child : flow.children) {
        switch (child.state) {
            case ChildState::pending:
                view.pending += 1;
                break;
            case ChildState::completed:
                view.completed += 1;
                break;
            case ChildState::failed:
                view.failed += 1;
                break;
            case ChildState::ignored:
                view.ignored += 1;
                break;
            case ChildState::removed:
                view.removed += 1;
                break;
        }
        if (view.children.size() < width) {
            view.children.push_back(view_of(state, child, static_cast<std::uint32_t>(view.children.size())));
            view.children.back().child.result = nullptr;  // ListChildren tells it.
        }
    }
    return view;
}

/// Goes on with what is to be looked at, until a flow must be read first.
void show_flow(State& state, Request&& request, Round& round) {
    ShowFlow& show = std::get<ShowFlow>(request.body);
    while (!show.to_do.empty()) {
        const auto [id, depth] = show.to_do.front();
        if (show.found.flows.size() == limits::flows_shown_max) {
            show.found.more = true;
            break;
        }
        const Flow* flow = loaded_flow(state, id);
        const bool absent = flow == nullptr && (state.flows.absent == id || state.find(id.queue) == nullptr);
        if (flow == nullptr && !absent) {
            const FlowId wanted = id;
            read_flow(state, wanted, std::move(request), round);
            return;
        }
        show.to_do.erase(show.to_do.begin());
        if (flow == nullptr) {
            continue;  // Retired since; its parent says how it ended.
        }
        show.found.flows.push_back(view_of(state, id, *flow, show.width));
        for (const ChildView& child : show.found.flows.back().children) {
            if (child.child.is_parent && depth > 1) {
                show.to_do.emplace_back(FlowId{child.child.queue, child.child.offset}, depth - 1);
            }
        }
    }
    if (show.found.flows.empty()) {
        reply(request, no_such_flow(), round);
    } else {
        reply(request, std::move(show.found), round);
    }
}

/// Long results of children that the answer names and that were not read yet.
std::vector<std::uint32_t> unread_results(const ListChildren& list, const ChildList& out) {
    std::vector<std::uint32_t> unread;
    for (const ChildView& child : out.children) {
        if (child.child.spilled && !list.results.contains(child.index)) {
            unread.push_back(child.index);
        }
    }
    return unread;
}

void list_children(State& state, const FlowId& id, Request&& request, Round& round) {
    ListChildren& list = std::get<ListChildren>(request.body);
    const Flow* flow = loaded_flow(state, id);
    if (flow == nullptr && state.flows.absent == id) {
        reply(request, no_such_flow(), round);
        return;
    }
    if (flow == nullptr) {
        read_flow(state, id, std::move(request), round);
        return;
    }
    ChildList out;
    std::size_t bytes = 0;
    for (out.next = list.from; out.next < flow->children.size(); ++out.next) {
        const FlowChild& child = flow->children[out.next];
        if (list.states != 0 && (list.states & (1U << static_cast<std::uint32_t>(child.state))) == 0) {
            continue;
        }
        if (out.children.size() == list.limit || bytes > limits::commit_bytes_max) {
            out.more = true;
            break;
        }
        bytes += child.spilled ? limits::result_bytes_max : 0;
        out.children.push_back(view_of(state, child, out.next));
        if (const auto result = list.results.find(out.next); result != list.results.end()) {
            out.children.back().child.result = result->second;
        }
    }
    if (std::vector<std::uint32_t> unread = unread_results(list, out); !unread.empty()) {
        const Queue& queue = *state.find(id.queue);
        const std::uint64_t ticket = state.next_ticket++;
        state.reads.emplace(ticket, PendingRead{id.queue, LoadFlow{id, 0, std::move(request), unread}});
        round.reads.push_back({ticket, ReadFlow{queue.ns, id, queue.lane_generation, std::move(unread)}});
        return;
    }
    reply(request, std::move(out), round);
}

}  // namespace

void flow_results_arrived(State& state, LoadFlow&& load, FlowRead&& found, TimeMs now, Round& round) {
    ListChildren& list = std::get<ListChildren>(load.wants_results->body);
    // What is not there is not asked for again.
    for (const std::uint32_t index : load.results) {
        list.results.emplace(index, nullptr);
    }
    for (auto& [index, result] : found.results) {
        list.results.insert_or_assign(index, std::move(result));
    }
    dispatch(state, std::move(*load.wants_results), now, round);
}

void apply_flow_view(State& state, Request&& request, TimeMs now, Round& round) {
    run_flows(state, now, round);
    auto* show = std::get_if<ShowFlow>(&request.body);
    const auto* list = std::get_if<ListChildren>(&request.body);
    Queue* queue = state.find(request.ns, show != nullptr ? show->queue : list->queue);
    if (queue == nullptr) {
        reply(request, no_such_queue(show != nullptr ? show->queue : list->queue), round);
        return;
    }
    if (show == nullptr) {
        const FlowId id{queue->id, list->offset};
        list_children(state, id, std::move(request), round);
        return;
    }
    if (!std::exchange(show->entered, true)) {
        show->to_do.emplace_back(FlowId{queue->id, show->offset}, show->depth);
    }
    show_flow(state, std::move(request), round);
}

}  // namespace baton::core
