#include "server/core/flow_sequences.hpp"

#include "server/core/flow_names.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <variant>
#include <vector>

namespace baton::core {

namespace {

TimeMs born_at(const State& state, const AddFlow& add, TimeMs now) {
    // A producer's birth is real time, which says nothing beside a clock that was moved by hand.
    return state.options.virtual_clock ? now : add.producer_created_at;
}

/// What one queue has of a flow: its messages, and which of its nodes, counted within the queue, others stand for.
struct QueuePart {
    QueueId id{};
    Offset next = 0;
    std::uint32_t stored = 0, used = 0, nodes = 0;
    std::vector<ItemOutcome> outcomes;
};

/// The fates of the nodes again, from what the queues remember.
std::vector<NodeFate> fates_of(const AddFlow& add, std::map<std::string, QueuePart>& parts) {
    std::vector<NodeFate> fates(add.nodes.size());
    for (std::size_t i = 0; i < add.nodes.size(); ++i) {
        QueuePart& part = parts.at(add.nodes[i].queue);
        const auto known = std::find_if(part.outcomes.begin(), part.outcomes.end(),
                                        [&](const ItemOutcome& outcome) { return outcome.index == part.nodes; });
        part.nodes += 1;
        if (known != part.outcomes.end()) {
            fates[i].kind = NodeFate::Kind::duplicate;
            fates[i].holder = known->offset;
            fates[i].state = known->state;
        }
    }
    leave_out(add.nodes, fates);
    return fates;
}

std::optional<FlowAdded> told_again(const AddFlow& add, std::map<std::string, QueuePart>& parts) {
    const std::vector<NodeFate> fates = fates_of(add, parts);
    FlowAdded added;
    added.repeated = true;
    for (std::size_t i = 0; i < add.nodes.size(); ++i) {
        QueuePart& part = parts.at(add.nodes[i].queue);
        const bool stored = fates[i].kind == NodeFate::Kind::stored;
        part.used += stored ? 1 : 0;
        added.messages.emplace_back(part.id, stored ? part.next++ : fates[i].holder);
        if (!stored) {
            added.outcomes.push_back({static_cast<std::uint32_t>(i), outcome_kind(fates[i].kind), fates[i].state});
        }
    }
    const bool fits = std::all_of(parts.begin(), parts.end(),
                                  [](const auto& part) { return part.second.used == part.second.stored; });
    return fits ? std::optional<FlowAdded>(std::move(added)) : std::nullopt;
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
    std::map<std::string, QueuePart> parts;
    for (const FlowSequence& one : add.sequences) {
        const Queue& queue = *state.find(ns, one.queue);
        auto verdict =
            queue.producers.judge(add.producer, born_at(state, add, now), one.sequence, one.acked_through, now);
        if (auto* refusal = std::get_if<Refusal>(&verdict)) {
            return std::move(*refusal);
        }
        if (auto* stored = std::get_if<PutProducer::Stored>(&verdict)) {
            parts.emplace(one.queue, QueuePart{queue.id, stored->first, stored->count, 0, 0, stored->outcomes});
        }
    }
    if (parts.empty()) {
        return std::nullopt;
    }
    if (parts.size() != add.sequences.size()) {
        return invalid("add_flow.sequences.sequence", "some of the sequences were used before");
    }
    if (auto added = told_again(add, parts)) {
        return std::move(*added);
    }
    return invalid("add_flow.sequences.sequence", "the sequence was used for something else");
}

void remember_flow(State& state, const std::string& ns, const AddFlow& add, const FlowAdded& added, TimeMs now,
                   Round& round) {
    if (add.producer == 0) {
        return;
    }
    std::map<std::string, PutProducer::Stored> parts;
    std::map<std::string, std::uint32_t> nodes;
    std::size_t next = 0;
    for (std::size_t i = 0; i < add.nodes.size(); ++i) {
        PutProducer::Stored& part = parts[add.nodes[i].queue];
        const std::uint32_t index = nodes[add.nodes[i].queue]++;
        if (next == added.outcomes.size() || added.outcomes[next].node != i) {
            part.first = part.count == 0 ? added.messages[i].second : part.first;
            part.count += 1;
            continue;
        }
        const NodeOutcome& outcome = added.outcomes[next++];
        if (outcome.kind == NodeOutcome::Kind::duplicate) {
            part.outcomes.push_back({index, ItemOutcome::Kind::duplicate, added.messages[i].second, outcome.state});
        }
    }
    for (const FlowSequence& one : add.sequences) {
        Queue& queue = *state.find(ns, one.queue);
        PutProducer::Stored& part = parts.at(one.queue);
        part.sequence = one.sequence;
        queue.producers.remember(add.producer, add.producer_created_at, one.acked_through, std::move(part), now);
        state.touch(queue, round);
    }
}

}  // namespace baton::core
