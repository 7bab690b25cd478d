#pragma once
// Flows for tests of the core: built in a line, and what became of them.

#include "tests/unit/core/broker.hpp"

#include <initializer_list>
#include <string>
#include <vector>

namespace baton::tests {

inline core::FlowNode flow_node(const std::string& queue, std::vector<std::uint32_t> parents = {},
                                core::FailurePolicy policy = core::FailurePolicy::inherit,
                                core::EntryOptions options = {}) {
    core::FlowNode node;
    node.queue = queue;
    node.entry = make_entries(std::vector<std::string>{"of " + queue});
    node.parents = std::move(parents);
    node.policy = policy;
    node.options = std::move(options);
    return node;
}

inline core::FlowAdded add_flow(Broker& broker, std::vector<core::FlowNode> nodes) {
    return broker.expect<core::FlowAdded>(core::AddFlow{std::move(nodes)});
}

/// Children for a job that is held by this message's token; they say nothing of their policy.
inline core::AddFlow children_for(const Delivered& parent, std::vector<core::FlowNode> nodes) {
    core::AddFlow add{std::move(nodes)};
    add.parent = core::FlowParent{"", parent.offset, parent.token, core::FailurePolicy::inherit};
    return add;
}
inline core::ChildrenAwaited::Verdict wait_children(Broker& broker, const Delivered& parent) {
    return broker.expect<core::ChildrenAwaited>(core::WaitChildren{parent.token, parent.offset}).verdict;
}
inline core::FlowActed act_on_flow(Broker& broker, core::ActOnFlow::Action action, const std::string& queue,
                                   core::Offset offset) {
    core::ActOnFlow act;
    act.action = action;
    act.queue = queue;
    act.offset = offset;
    return broker.expect<core::FlowActed>(act);
}

/// Queues of profile job with a consumer each that only fetches, numbered from 1.
inline void create_jobs(Broker& broker, std::initializer_list<const char*> names,
                        const core::QueueSettingsChange& settings = {}) {
    std::uint64_t consumer = 0;
    for (const char* name : names) {
        broker.expect<core::QueueInfo>(core::CreateQueue{name, core::Profile::job, settings, false});
        broker.consume(name, 0, ++consumer);
    }
}

inline core::FlowView flow_of(Broker& broker, const std::string& queue, core::Offset parent) {
    core::ShowFlow show;
    show.queue = queue;
    show.offset = parent;
    show.width = 100;
    return broker.expect<core::FlowInfo>(show).flows.front();
}

inline core::ChildList children_of(Broker& broker, const std::string& queue, core::Offset parent,
                                   std::uint32_t states = 0, std::uint32_t from = 0, std::uint32_t limit = 100) {
    core::ListChildren list;
    list.queue = queue;
    list.offset = parent;
    list.states = states;
    list.from = from;
    list.limit = limit;
    return broker.expect<core::ChildList>(list);
}

inline core::Ack result_of(const std::string& value) {
    return core::Ack{std::make_shared<const core::JobResult>(core::JobResult{"text/plain", value})};
}

/// Fails for good, whatever tries are left.
inline void fail_for_good(Broker& broker, const Delivered& message, const std::string& reason = "no luck") {
    core::Fail failure;
    failure.reason = reason;
    failure.terminal = true;
    broker.settle_ok(message, failure);
}

}  // namespace baton::tests
