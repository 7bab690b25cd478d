#include "server/core/flow_room.hpp"

#include "server/core/group_overflow.hpp"
#include "server/core/overflow.hpp"
#include "server/core/state.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace baton::core {

namespace {

/// What a flow adds to one queue.
struct Share {
    const Queue* queue = nullptr;
    std::uint64_t messages = 0, bytes = 0;
};

}  // namespace

std::optional<Refusal> check_flow_room(const State& state, const std::vector<FlowNode>& nodes,
                                       const std::vector<Queue*>& queues, const std::vector<NodeFate>& fates) {
    if (state.storage_full) {
        return Refusal{RefusalCode::storage_full, "the disk is nearly full", "", 0, true, 5'000};
    }
    std::map<QueueId, Share> shares;
    std::map<std::pair<QueueId, std::string>, std::uint64_t> grouped;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (!fates.empty() && fates[i].kind != NodeFate::Kind::stored) {
            continue;
        }
        Share& share = shares[queues[i]->id];
        share.queue = queues[i];
        share.messages += 1;
        share.bytes += nodes[i].entry.size_of(0);
        const std::string group = nodes[i].options.group.value_or("");
        if (!group_has_room(*queues[i], group, ++grouped[{queues[i]->id, group}])) {
            return group_full(*queues[i]);
        }
    }
    for (const auto& [id, share] : shares) {
        if (over_limit(*share.queue, share.messages, share.bytes)) {
            return queue_full(*share.queue);
        }
    }
    return std::nullopt;
}

}  // namespace baton::core
