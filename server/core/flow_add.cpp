// Adding flows: every node is checked before anything is stored; then all messages and the records of their flows go
// into one commit.
#include "server/core/flow_attach.hpp"
#include "server/core/flow_names.hpp"
#include "server/core/flow_room.hpp"
#include "server/core/flow_sequences.hpp"
#include "server/core/flow_tree.hpp"
#include "server/core/flows.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/produce_plan.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace baton::core {

namespace {

class FlowAdding {
public:
    FlowAdding(State& state, Request& request, TimeMs now, Round& round)
        : state_(state), request_(request), nodes_(std::get<AddFlow>(request.body).nodes), now_(now), round_(round) {}

    /// Answers, or parks the request until what a restart left is known.
    void run();

private:
    std::optional<Refusal> check_node(std::size_t index);
    std::optional<Refusal> check_all();
    /// False: the request waits until a restart has been digested.
    bool attached();
    /// False: it was answered, or waits for a read.
    bool parent_found();
    /// The same; no news may be carried out between this and what is stored by it.
    bool planned();
    bool is_stored(std::size_t index) const { return fates_.empty() || fates_[index].kind == NodeFate::Kind::stored; }
    bool is_left_out(std::size_t index) const {
        return !fates_.empty() && fates_[index].kind == NodeFate::Kind::left_out;
    }
    void place();
    void store_all();
    void store(std::size_t index);
    void store_parent(std::size_t index);
    /// Notes the parents of a message.
    void link(std::size_t index, std::shared_ptr<MessageMeta>& meta);
    FlowChild child_of(std::size_t child, FailurePolicy parents_word) const;

    State& state_;
    Request& request_;
    const std::vector<FlowNode>& nodes_;
    TimeMs now_;
    Round& round_;
    std::vector<std::vector<std::uint32_t>> children_;
    std::vector<Queue*> queues_;
    /// One a node; empty when none has an id.
    std::vector<NodeFate> fates_;
    std::vector<std::vector<FlowLink>> links_;
    FlowAdded added_;
    /// The parent of the roots.
    std::optional<AttachTo> above_;
};

std::optional<Refusal> FlowAdding::check_node(std::size_t index) {
    const FlowNode& node = nodes_[index];
    Queue* queue = state_.find(request_.ns, node.queue);
    if (queue == nullptr) {
        Refusal refusal = no_such_queue(node.queue);
        refusal.field = node_field(index, "queue");
        return refusal;
    }
    if (queue->profile != Profile::job) {
        return Refusal{RefusalCode::wrong_profile,
                       "flows need queues of profile job, which find their messages by offset",
                       node_field(index, "queue")};
    }
    if (node.entry.size_of(0) > queue->settings.max_message_bytes) {
        return too_large(*queue);
    }
    if (auto fault = check_options(*queue, node.options)) {
        fault->field = node_field(index, fault->field.c_str());
        return fault;
    }
    queues_.push_back(queue);
    return std::nullopt;
}

/// Every message gets its offset before any is stored, since each is named by others.
void FlowAdding::place() {
    std::map<QueueId, Offset> next;
    for (const Queue* queue : queues_) {
        next.emplace(queue->id, queue->end);
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const Offset offset = is_stored(i) ? next.at(queues_[i]->id)++ : fates_[i].holder;
        added_.messages.emplace_back(queues_[i]->id, offset);
        if (!is_stored(i)) {
            added_.outcomes.push_back({static_cast<std::uint32_t>(i), outcome_kind(fates_[i].kind), fates_[i].state});
        }
    }
    links_.resize(nodes_.size());
    for (std::size_t parent = 0; parent < nodes_.size(); ++parent) {
        if (!is_stored(parent)) {
            continue;
        }
        const auto [queue, offset] = added_.messages[parent];
        for (std::uint32_t i = 0; i < children_[parent].size(); ++i) {
            links_[children_[parent][i]].push_back({{queue, offset}, i});
        }
    }
    for (std::size_t i = 0, at = above_ ? above_->children : 0; i < nodes_.size() && above_; ++i) {
        if (nodes_[i].parents.empty()) {
            links_[i].push_back({above_->flow, static_cast<std::uint32_t>(at++)});
        }
    }
}

FlowChild FlowAdding::child_of(std::size_t child, FailurePolicy parents_word) const {
    const auto [queue, offset] = added_.messages[child];
    FailurePolicy policy = nodes_[child].policy;
    policy = policy == FailurePolicy::inherit ? parents_word : policy;
    policy = policy == FailurePolicy::inherit ? FailurePolicy::fail_parent : policy;
    const bool is_parent = is_stored(child) ? !children_[child].empty() : fates_[child].is_parent;
    return {queue, offset, policy, ChildState::pending, is_parent};
}

void FlowAdding::link(std::size_t index, std::shared_ptr<MessageMeta>& meta) {
    if (!links_[index].empty()) {
        meta = meta ? meta : std::make_shared<MessageMeta>();
        meta->parents = std::make_shared<const std::vector<FlowLink>>(links_[index]);
        queues_[index]->flows.has_children = true;
    }
}

void FlowAdding::store_parent(std::size_t index) {
    const FlowNode& node = nodes_[index];
    const auto [id, offset] = added_.messages[index];
    Queue& queue = *queues_[index];
    Flow flow;
    flow.ns = queue.ns;
    flow.head.created_at = now_;
    flow.head.delay_ms = node.options.delay_ms.value_or(0);
    flow.head.due_at = node.options.due_at.value_or(0);
    flow.head.ttl_ms = node.options.ttl_ms.value_or(0);
    flow.head.children = static_cast<std::uint32_t>(children_[index].size());
    std::set<QueueId> members;
    for (const std::uint32_t child : children_[index]) {
        flow.children.push_back(child_of(child, node.children_policy));
        members.insert(flow.children.back().queue);
    }
    for (const QueueId member : members) {
        round_.mutations.push_back(PutFlowMember{queue.ns, member, {id, offset}});
    }
    queue.flows.has_parents = true;
    queue.flows.has_pages = queue.flows.has_pages || flow.head.children > limits::flow_page_children;
    MessageRecord parent;
    parent.offset = offset;
    parent.ready_at = parent.stored_at = parent.at = now_;
    parent.body = node.entry;
    EntryOptions kept = node.options;
    kept.ttl_ms.reset();  // Counted from when it is released.
    auto meta = meta_of(kept, now_);
    meta = meta ? meta : std::make_shared<MessageMeta>();
    meta->has_flow = true;
    link(index, meta);
    parent.meta = std::move(meta);
    flow.parent = store_waiting_children(state_, queue, std::move(parent), round_);
    forget_reading(state_, queue, {id, offset}, round_);
    take_in_flow(state_, {id, offset}, std::move(flow));
    for (std::uint32_t child = 0; child < children_[index].size(); child += limits::flow_page_children) {
        mark_changed(state_, {id, offset}, child);
    }
}

void FlowAdding::store(std::size_t index) {
    const FlowNode& node = nodes_[index];
    Queue& queue = *queues_[index];
    queue.totals.produced += 1;
    if (!children_[index].empty()) {
        store_parent(index);
        return;
    }
    const TimeMs due = due_of(node.options, now_);
    std::shared_ptr<MessageMeta> meta = meta_of(node.options, due);
    link(index, meta);
    if (due <= now_ && !is_ranked(queue, meta)) {
        append_run(state_, queue, node.entry, now_, round_, std::nullopt, meta);
    } else {
        store_in_lane(state_, queue, node.entry, std::move(meta), due, now_, round_);
    }
}

/// What belongs to a parent that is there already is stored last, when its children are.
void FlowAdding::store_all() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (!is_stored(i) && !is_left_out(i)) {
            link_duplicate(state_, *queues_[i], fates_[i], *nodes_[i].options.id, links_[i], now_, round_);
        }
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (is_stored(i)) {
            store(i);
            take_node_id(state_, *queues_[i], nodes_[i], added_.messages[i].second, round_);
        }
    }
    if (!above_) {
        return;
    }
    const FailurePolicy policy = std::get<AddFlow>(request_.body).parent->children_policy;
    std::vector<FlowChild> roots;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i].parents.empty()) {
            roots.push_back(child_of(i, policy));
        }
    }
    attach_children(state_, std::move(*above_), std::move(roots), now_, round_);
}

std::optional<Refusal> FlowAdding::check_all() {
    if (auto fault = check_tree(nodes_, children_)) {
        return fault;
    }
    if (auto fault = check_node_names(nodes_)) {
        return fault;
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (auto fault = check_node(i)) {
            return fault;
        }
    }
    return check_sequences(std::get<AddFlow>(request_.body));
}

bool FlowAdding::attached() {
    for (std::size_t i = 0; i < queues_.size(); ++i) {
        Queue* queue = queues_[i];
        if (room_unknown(*queue) || (nodes_[i].options.id && queue->attaching != 0)) {
            queue->waiting_attach.push_back(std::move(request_));
            return false;
        }
    }
    return true;
}

bool FlowAdding::parent_found() {
    const std::optional<FlowParent>& parent = std::get<AddFlow>(request_.body).parent;
    if (!parent) {
        return true;
    }
    const auto roots = static_cast<std::size_t>(
        std::count_if(nodes_.begin(), nodes_.end(), [](const FlowNode& node) { return node.parents.empty(); }));
    auto found = find_parent(state_, *parent, roots, request_, now_, round_);
    if (auto* to = std::get_if<AttachTo>(&found)) {
        above_ = std::move(*to);
    } else if (auto* refusal = std::get_if<Refusal>(&found)) {
        reply(request_, std::move(*refusal), round_);
    }
    return above_.has_value();
}

bool FlowAdding::planned() {
    const bool named =
        std::any_of(nodes_.begin(), nodes_.end(), [](const FlowNode& node) { return node.options.id.has_value(); });
    if (!named) {
        return true;
    }
    const std::optional<FlowId> above = above_ ? std::optional<FlowId>(above_->flow) : std::nullopt;
    auto plan = plan_nodes(state_, request_, queues_, above, now_, round_);
    if (auto* refusal = std::get_if<Refusal>(&plan)) {
        reply(request_, std::move(*refusal), round_);
        return false;
    }
    if (std::holds_alternative<NodesParked>(plan)) {
        return false;
    }
    fates_ = std::get<std::vector<NodeFate>>(std::move(plan));
    return true;
}

void FlowAdding::run() {
    if (auto fault = check_all()) {
        reply(request_, std::move(*fault), round_);
        return;
    }
    if (!attached()) {
        return;
    }
    const AddFlow& add = std::get<AddFlow>(request_.body);
    if (auto answer = remembered_flow(state_, request_.ns, add, now_)) {
        reply(request_, std::move(*answer), round_);
        return;
    }
    if (!parent_found() || !planned()) {
        return;
    }
    // Behind the parent, for which news may have been carried out that store messages.
    if (auto fault = check_flow_room(state_, nodes_, queues_, fates_)) {
        reply(request_, std::move(*fault), round_);
        return;
    }
    place();
    store_all();
    remember_flow(state_, request_.ns, add, added_, now_, round_);
    reply(request_, std::move(added_), round_);
}

}  // namespace

void apply_add_flow(State& state, Request&& request, TimeMs now, Round& round) {
    FlowAdding(state, request, now, round).run();
}

}  // namespace baton::core
