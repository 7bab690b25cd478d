#include "server/core/flow_tree.hpp"

#include "server/core/limits.hpp"

#include <set>
#include <utility>

namespace baton::core {

namespace {

using Children = std::vector<std::vector<std::uint32_t>>;

std::optional<Refusal> check_parents(const std::vector<FlowNode>& nodes, std::size_t index) {
    const std::vector<std::uint32_t>& parents = nodes[index].parents;
    if (parents.size() > limits::flow_parents_max) {
        return invalid(node_field(index, "parents"), "a message has at most 16 parents", limits::flow_parents_max);
    }
    if (std::set<std::uint32_t>(parents.begin(), parents.end()).size() != parents.size()) {
        return invalid(node_field(index, "parents"), "a parent is named twice");
    }
    for (const std::uint32_t parent : parents) {
        if (parent >= nodes.size()) {
            return invalid(node_field(index, "parents"), "names a node that is not there", nodes.size());
        }
    }
    return std::nullopt;
}

/// Level by level from the roots: what is never reached stands in a circle.
std::optional<Refusal> check_levels(const std::vector<FlowNode>& nodes, const Children& children) {
    std::vector<std::size_t> parents_left;
    std::vector<std::uint32_t> level;
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
        parents_left.push_back(nodes[i].parents.size());
        if (nodes[i].parents.empty()) {
            level.push_back(i);
        }
    }
    std::size_t reached = 0;
    for (std::size_t depth = 0; !level.empty(); ++depth) {
        if (depth == limits::flow_depth_max) {
            return Refusal{RefusalCode::flow_too_deep, "a flow has at most 64 levels", "add_flow.nodes",
                           limits::flow_depth_max};
        }
        std::vector<std::uint32_t> below;
        for (const std::uint32_t i : level) {
            ++reached;
            for (const std::uint32_t child : children[i]) {
                if (--parents_left[child] == 0) {
                    below.push_back(child);
                }
            }
        }
        level = std::move(below);
    }
    if (reached != nodes.size()) {
        return Refusal{RefusalCode::flow_cycle, "a message would wait for itself", "add_flow.nodes"};
    }
    return std::nullopt;
}

}  // namespace

std::string node_field(std::size_t index, const char* field) {
    return "add_flow.nodes[" + std::to_string(index) + "]." + field;
}

std::optional<Refusal> check_tree(const std::vector<FlowNode>& nodes, Children& children) {
    if (nodes.empty() || nodes.size() > limits::flow_nodes_max) {
        return invalid("add_flow.nodes", "a request adds 1 to 1000 messages", limits::flow_nodes_max);
    }
    children.assign(nodes.size(), {});
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (auto fault = check_parents(nodes, i)) {
            return fault;
        }
        for (const std::uint32_t parent : nodes[i].parents) {
            children[parent].push_back(static_cast<std::uint32_t>(i));
        }
    }
    return check_levels(nodes, children);
}

}  // namespace baton::core
