#pragma once
// Nodes of a flow whose ids may be taken. A message that has the id of a node stands for it, and for all that only it
// would wait for: so a flow that is added again is stored once, and a message can be waited for by several flows.
// Included by the core's sources only.

#include "server/core/effect.hpp"
#include "server/core/flow_request.hpp"
#include "server/core/ids.hpp"
#include "server/core/message_state.hpp"
#include "server/core/refusal.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace baton::core {

struct Queue;
struct Round;
struct State;

struct NodeFate {
    enum class Kind : std::uint8_t { stored, duplicate, left_out };
    Kind kind = Kind::stored;
    /// Of a duplicate: the message that stands for it, where that is (0 = gone), and whether it has children itself.
    Offset holder = 0;
    MessageState state{};
    bool is_parent = false;
    /// It has completed: what it returned.
    JobResultPtr result = nullptr;
};
struct NodesParked {};
/// Of a node that was not stored, as it is told.
inline NodeOutcome::Kind outcome_kind(NodeFate::Kind kind) {
    return kind == NodeFate::Kind::left_out ? NodeOutcome::Kind::left_out : NodeOutcome::Kind::duplicate;
}

/// Nodes with names that cannot be: two with one id, a deduplication key.
std::optional<Refusal> check_node_names(const std::vector<FlowNode>& nodes);
/// One fate a node, read anew in each call. `above` is the parent of the roots, if they have one. NodesParked: the
/// request waits until something is read.
std::variant<std::vector<NodeFate>, NodesParked, Refusal> plan_nodes(State& state, Request& request,
                                                                     const std::vector<Queue*>& queues,
                                                                     const std::optional<FlowId>& above, TimeMs now,
                                                                     Round& round);
/// Those that nothing stored would wait for.
void leave_out(const std::vector<FlowNode>& nodes, std::vector<NodeFate>& fates);
/// A message was stored for the node: its id is taken.
void take_node_id(State& state, Queue& queue, const FlowNode& node, Offset offset, Round& round);

// ---- flow_link.cpp

/// The message that stands for a node and has its id is a child of these from now on; as planned in this call of the
/// core.
void link_duplicate(State& state, Queue& queue, const NodeFate& fate, const std::string& id,
                    const std::vector<FlowLink>& links, TimeMs now, Round& round);

}  // namespace baton::core
