// What the records of flows say of each other after every commit, also one that a crash left as the last: nothing that
// `doctor` looks for in a store is ever there in a healthy one.
#include "server/core/ack_map.hpp"
#include "tests/simulation/flows.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace baton::simulation {

using namespace core;

namespace {

using tests::QueueKey;
using tests::Tables;

const PutQueueState* state_of(const Tables& tables, const QueueKey& queue) {
    const auto found = tables.states.find(queue);
    return found == tables.states.end() ? nullptr : &found->second;
}

bool is_in_lane(const Tables& tables, const QueueKey& queue, Lane lane, std::uint32_t generation, Offset offset) {
    return tables.lanes.contains({queue, lane, generation, core::LaneKey{0, offset}});
}

/// Waiting, leased, or in another way not over.
bool is_live(const Tables& tables, const QueueKey& queue, Offset offset) {
    const PutQueueState* state = state_of(tables, queue);
    if (state == nullptr || offset >= state->end) {
        return false;
    }
    AckMap acks;
    acks.restore(*state);
    const auto page = tables.pages.find({queue, offset >> AckMap::page_bits});
    if (page != tables.pages.end()) {
        acks.restore(page->second);
    }
    if (!acks.test(offset)) {
        return true;
    }
    const auto at = tables.locators.find({queue, offset});
    if (at == tables.locators.end()) {
        return false;
    }
    const PutLocator& to = at->second;
    const core::LaneKey place{to.at, offset, to.rank, to.group};
    return tables.lanes.contains({queue, to.lane, state->lane_generation, place});
}

bool is_failed(const Tables& tables, const QueueKey& queue, Offset offset) {
    const PutQueueState* state = state_of(tables, queue);
    return state != nullptr && is_in_lane(tables, queue, Lane::failed, state->failed_generation, offset);
}

/// The flow was not told yet of this child, or of its parent.
bool has_news(const Tables& tables, const QueueKey& queue, Offset parent, std::uint32_t index) {
    const auto first = tables.flow_news.lower_bound({queue, parent, 0});
    const auto last = tables.flow_news.lower_bound({queue, parent + 1, 0});
    return std::any_of(first, last, [&](const auto& entry) { return entry.second.child.index == index; });
}

/// What is wrong with a child that its flow waits for; empty = nothing.
std::string wrong_with(const Tables& tables, const QueueKey& parents, Offset parent, std::uint32_t index,
                       const FlowChild& child) {
    const QueueKey queue{parents.first, value(child.queue)};
    const FlowId flow{QueueId{parents.second}, parent};
    if (!tables.flow_members.contains({queue, flow})) {
        return "is not in the index";
    }
    if (is_live(tables, queue, child.offset) || has_news(tables, parents, parent, index) ||
        (child.state == ChildState::failed && is_failed(tables, queue, child.offset))) {
        return "";
    }
    const bool lost = tables.shard && std::any_of(tables.shard->lost_children.begin(),
                                                  tables.shard->lost_children.end(), [&](const LostChildren& one) {
                                                      return one.queue == child.queue && child.offset < one.upto;
                                                  });
    return lost ? "" : "is nowhere";
}

struct Seen {
    std::optional<FlowHead> head;
    std::vector<FlowChild> children;
};

}  // namespace

void FlowSimulation::check_records() {
    const Tables& tables = driver_.store().tables();
    std::map<std::pair<QueueKey, Offset>, Seen> flows;
    for (const auto& [at, page] : tables.flows) {
        Seen& seen = flows[{std::get<0>(at), std::get<1>(at)}];
        seen.head = page.page == 0 ? page.head : seen.head;
        seen.children.insert(seen.children.end(), page.children.begin(), page.children.end());
    }
    for (const auto& [at, flow] : flows) {
        const auto& [queue, parent] = at;
        const auto say = [&, offset = parent, id = queue.second](const std::string& what) {
            findings_.add("flow records",
                          "flow of message " + std::to_string(offset) + " of " + std::to_string(id) + " " + what);
        };
        const PutQueueState* state = state_of(tables, queue);
        if (state == nullptr || !flow.head || flow.head->children != flow.children.size()) {
            say("has no queue, or not all of its pages");
            continue;
        }
        const bool waits = flow.head->state == FlowState::waiting;
        if (waits && !is_in_lane(tables, queue, Lane::waiting_children, state->lane_generation, parent)) {
            if (parent >= state->flows.purged_below) {
                say("waits without its parent");
            }
            continue;
        }
        const bool held =
            std::any_of(flow.children.begin(), flow.children.end(), [](auto& one) { return one.holds(); });
        if (waits && !held) {
            say("waits for nothing");
        }
        for (std::uint32_t i = 0; i < flow.children.size(); ++i) {
            const FlowChild& child = flow.children[i];
            if (const auto wrong = child.holds() ? wrong_with(tables, queue, parent, i, child) : ""; !wrong.empty()) {
                say("waits for " + std::to_string(child.offset) + ", which " + wrong);
            }
        }
    }
    for (const auto& [at, record] : tables.lanes) {
        const auto& [queue, lane, generation, place] = at;
        const PutQueueState* state = state_of(tables, queue);
        if (lane == Lane::waiting_children && state != nullptr && generation == state->lane_generation) {
            const auto flow = flows.find({queue, place.offset});
            const bool waits = flow != flows.end() && flow->second.head->state == FlowState::waiting;
            if (!waits && !has_news(tables, queue, place.offset, core::parent_index)) {
                findings_.add("flow records", "message " + std::to_string(place.offset) + " waits without a flow");
            }
        }
    }
}

}  // namespace baton::simulation
