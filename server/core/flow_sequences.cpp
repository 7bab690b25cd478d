#include "server/core/flow_sequences.hpp"

#include "server/core/state.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <variant>

namespace baton::core {

namespace {

TimeMs born_at(const State& state, const AddFlow& add, TimeMs now) {
    // A producer's birth is real time, which says nothing beside a clock that was moved by hand.
    return state.options.virtual_clock ? now : add.producer_created_at;
}

std::uint32_t nodes_in(const AddFlow& add, const std::string& queue) {
    return static_cast<std::uint32_t>(
        std::count_if(add.nodes.begin(), add.nodes.end(), [&](const FlowNode& node) { return node.queue == queue; }));
}

}  // namespace

std::optional<Refusal> check_sequences(const AddFlow& add) {
    std::set<std::string> used, named;
    for (const FlowNode& node : add.nodes) {
        used.insert(node.queue);
    }
    for (const FlowSequence& one : add.sequences) {
        if (!named.insert(one.queue).second) {
            return invalid("add_flow.sequences.queue", "a queue has one sequence", 1);
        }
        if (one.sequence == 0) {
            return invalid("add_flow.sequences.sequence", "sequences begin with 1", 1);
        }
    }
    if (add.producer == 0 ? !named.empty() : named != used) {
        return invalid("add_flow.sequences",
                       "each queue of the nodes has a sequence, and no other; without a producer none has");
    }
    return std::nullopt;
}

std::optional<ReplyBody> remembered_flow(State& state, const std::string& ns, const AddFlow& add, TimeMs now) {
    if (add.producer == 0) {
        return std::nullopt;
    }
    std::map<std::string, std::pair<QueueId, Offset>> next;
    for (const FlowSequence& one : add.sequences) {
        const Queue& queue = *state.find(ns, one.queue);
        auto verdict =
            queue.producers.judge(add.producer, born_at(state, add, now), one.sequence, one.acked_through, now);
        if (auto* refusal = std::get_if<Refusal>(&verdict)) {
            return std::move(*refusal);
        }
        if (const auto* stored = std::get_if<PutProducer::Stored>(&verdict)) {
            if (stored->count != nodes_in(add, one.queue)) {
                return invalid("add_flow.sequences.sequence", "the sequence was used for something else");
            }
            next.emplace(one.queue, std::pair{queue.id, stored->first});
        }
    }
    if (next.empty()) {
        return std::nullopt;
    }
    if (next.size() != add.sequences.size()) {
        return invalid("add_flow.sequences.sequence", "some of the sequences were used before");
    }
    FlowAdded added;
    added.repeated = true;
    for (const FlowNode& node : add.nodes) {
        auto& [queue, offset] = next.at(node.queue);
        added.messages.emplace_back(queue, offset++);
    }
    return added;
}

void remember_flow(State& state, const std::string& ns, const AddFlow& add, const FlowAdded& added, TimeMs now,
                   Round& round) {
    if (add.producer == 0) {
        return;
    }
    for (const FlowSequence& one : add.sequences) {
        Queue& queue = *state.find(ns, one.queue);
        const auto first = std::find_if(added.messages.begin(), added.messages.end(),
                                        [&](const auto& message) { return message.first == queue.id; });
        queue.producers.remember(add.producer, add.producer_created_at, one.acked_through,
                                 {one.sequence, first->second, nodes_in(add, one.queue), {}, {}}, now);
        state.touch(queue, round);
    }
}

}  // namespace baton::core
