#pragma once
// Who waits for whom in a request that adds a flow. Pure.

#include "server/core/flow_request.hpp"
#include "server/core/refusal.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton::core {

/// The name of a field of one node, for refusals.
std::string node_field(std::size_t index, const char* field);
/// Fills in the children of each node, by index; refuses too many nodes, levels or parents, and a message that would
/// wait for itself, however indirectly.
std::optional<Refusal> check_tree(const std::vector<FlowNode>& nodes,
                                  std::vector<std::vector<std::uint32_t>>& children);

}  // namespace baton::core
