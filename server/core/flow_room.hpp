#pragma once
// Whether the queues of a flow have room for it. Included by the core's sources only.

#include "server/core/flow_names.hpp"
#include "server/core/flow_request.hpp"
#include "server/core/refusal.hpp"

#include <optional>
#include <vector>

namespace baton::core {

struct Queue;
struct State;

/// All or nothing: nobody else is dropped for a flow, and none waits for room. `fates`, one a node or none at all, says
/// which nodes are not stored.
std::optional<Refusal> check_flow_room(const State& state, const std::vector<FlowNode>& nodes,
                                       const std::vector<Queue*>& queues, const std::vector<NodeFate>& fates);

}  // namespace baton::core
