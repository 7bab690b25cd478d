#include "server/core/flow_names.hpp"

#include "server/core/finished.hpp"
#include "server/core/flow_tree.hpp"
#include "server/core/job_lookup.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/names.hpp"
#include "server/core/produce_plan.hpp"
#include "server/core/reports.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace baton::core {

namespace {

Name id_of(const Queue& queue, const FlowNode& node) { return {queue.id, NameKind::id, *node.options.id}; }

class NodePlanner {
public:
    NodePlanner(State& state, Request& request, const std::vector<Queue*>& queues, const std::optional<FlowId>& above,
                TimeMs now, Round& round)
        : state_(state),
          request_(request),
          nodes_(std::get<AddFlow>(request.body).nodes),
          queues_(queues),
          above_(above),
          now_(now),
          round_(round),
          fates_(nodes_.size()) {}

    std::variant<std::vector<NodeFate>, NodesParked, Refusal> run();

private:
    /// False: the request waits until the index is read.
    bool names_in_memory();
    void find_holder(std::size_t index);
    std::optional<Refusal> look_at(std::size_t index);
    std::optional<Refusal> check_found(std::size_t index, const FoundJob& job) const;
    bool all_read();

    State& state_;
    Request& request_;
    const std::vector<FlowNode>& nodes_;
    const std::vector<Queue*>& queues_;
    std::optional<FlowId> above_;
    TimeMs now_;
    Round& round_;
    std::vector<NodeFate> fates_;
    /// What is to be read before the plan is known.
    std::map<QueueId, std::vector<Offset>> records_, chunks_;
};

bool NodePlanner::names_in_memory() {
    std::map<QueueId, std::pair<Queue*, std::vector<Name>>> unknown;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i].options.id && state_.names.find(id_of(*queues_[i], nodes_[i])) == nullptr) {
            auto& [queue, names] = unknown[queues_[i]->id];
            queue = queues_[i];
            names.push_back(id_of(*queues_[i], nodes_[i]));
        }
    }
    if (unknown.empty()) {
        return true;
    }
    auto& [queue, names] = unknown.begin()->second;
    read_names(state_, *queue, std::move(names), std::move(request_), round_);
    return false;
}

void NodePlanner::find_holder(std::size_t index) {
    if (!nodes_[index].options.id) {
        return;
    }
    const Queue& queue = *queues_[index];
    const std::optional<NameRecord>& record = *state_.names.find(id_of(queue, nodes_[index]));
    if (record && is_held(queue, NameKind::id, *record, now_)) {
        fates_[index].kind = NodeFate::Kind::duplicate;
        fates_[index].holder = record->holder;
    }
}

std::optional<Refusal> NodePlanner::check_found(std::size_t index, const FoundJob& job) const {
    const MetaPtr& meta = job.record.meta;
    const FlowId id{queues_[index]->id, job.record.offset};
    if (job.state == MessageState::failed) {
        Refusal refusal = wrong_state(job.state, "one that has not failed can stand for a node: retry or remove it");
        refusal.field = node_field(index, "options.id");
        return refusal;
    }
    if (job.state == MessageState::leased) {
        const LeaseBatch* batch = queues_[index]->leases.holder_of(job.record.offset);
        if (batch == nullptr || batch->restart_hold) {
            return held_since_before_restart();
        }
    }
    // Whoever waits for something may wait for the parent of the roots, however indirectly.
    if (above_ && (id == *above_ || (meta && meta->has_flow))) {
        return Refusal{RefusalCode::flow_cycle, "a job with children cannot become the child of one that is there",
                       node_field(index, "options.id")};
    }
    const std::size_t parents = (meta && meta->parents ? meta->parents->size() : 0) + nodes_[index].parents.size();
    if (parents > limits::flow_parents_max) {
        return invalid(node_field(index, "options.id"), "a message has at most 16 parents", limits::flow_parents_max);
    }
    return std::nullopt;
}

/// Where the message is that stands for a node; what must be read for that is noted.
std::optional<Refusal> NodePlanner::look_at(std::size_t index) {
    NodeFate& fate = fates_[index];
    Queue& queue = *queues_[index];
    JobLookup found = look_up_job(state_, queue, fate.holder, now_);
    if (const auto* unread = std::get_if<UnreadJob>(&found)) {
        (*unread == UnreadJob::chunk ? chunks_ : records_)[queue.id].push_back(fate.holder);
        return std::nullopt;
    }
    const NameRecord& name = **state_.names.find(id_of(queue, nodes_[index]));
    const bool outlives = name.remembered || name.until != 0;
    const auto* job = std::get_if<FoundJob>(&found);
    if (job == nullptr || job->state == MessageState::completed) {
        fate.kind = outlives ? NodeFate::Kind::duplicate : NodeFate::Kind::stored;
    }
    if (job == nullptr || fate.kind == NodeFate::Kind::stored) {
        return std::nullopt;
    }
    if (auto fault = check_found(index, *job)) {
        return fault;
    }
    fate.state = job->state == MessageState::completed ? job->state : state_as_told(*job);
    fate.is_parent = job->record.meta && job->record.meta->has_flow;
    fate.result = job->record.completion ? job->record.completion->result : nullptr;
    return std::nullopt;
}

/// False: the request waits. One kind after the other; what was read goes along.
bool NodePlanner::all_read() {
    if (!records_.empty()) {
        auto& [id, offsets] = *records_.begin();
        Queue& queue = *state_.find(id);
        read_jobs(state_, queue, with_found_jobs(state_, queue, offsets), std::move(request_), round_);
        return false;
    }
    if (!chunks_.empty()) {
        state_.read_chunks(*state_.find(chunks_.begin()->first), chunks_.begin()->second.front(), std::move(request_),
                           round_);
        return false;
    }
    return true;
}

std::variant<std::vector<NodeFate>, NodesParked, Refusal> NodePlanner::run() {
    if (!names_in_memory()) {
        return NodesParked{};
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i].options.id) {
            close_chunks(state_, *queues_[i], round_);
            promote_due(state_, *queues_[i], now_, round_);
            find_holder(i);
        }
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (fates_[i].kind == NodeFate::Kind::duplicate) {
            if (auto fault = look_at(i)) {
                return std::move(*fault);
            }
        }
    }
    if (!all_read()) {
        return NodesParked{};
    }
    leave_out(nodes_, fates_);
    return std::move(fates_);
}

}  // namespace

std::optional<Refusal> check_node_names(const std::vector<FlowNode>& nodes) {
    std::set<std::pair<std::string, std::string>> taken;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const EntryOptions& options = nodes[i].options;
        if (options.dedup) {
            return invalid(node_field(i, "options.dedup"), "the jobs of a flow have no deduplication keys");
        }
        if (!options.id) {
            continue;
        }
        if (auto fault = check_names(options)) {
            fault->field = node_field(i, fault->field.c_str());
            return fault;
        }
        if (!taken.emplace(nodes[i].queue, *options.id).second) {
            return invalid(node_field(i, "options.id"), "another node of its queue has this id");
        }
    }
    return std::nullopt;
}

std::variant<std::vector<NodeFate>, NodesParked, Refusal> plan_nodes(State& state, Request& request,
                                                                     const std::vector<Queue*>& queues,
                                                                     const std::optional<FlowId>& above, TimeMs now,
                                                                     Round& round) {
    return NodePlanner(state, request, queues, above, now, round).run();
}

void leave_out(const std::vector<FlowNode>& nodes, std::vector<NodeFate>& fates) {
    // A pass a level: parents may stand behind their children.
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const std::vector<std::uint32_t>& parents = nodes[i].parents;
            const bool waited_for =
                parents.empty() || std::any_of(parents.begin(), parents.end(), [&](std::uint32_t parent) {
                    return fates[parent].kind == NodeFate::Kind::stored;
                });
            if (!waited_for && fates[i].kind != NodeFate::Kind::left_out) {
                fates[i] = {};
                fates[i].kind = NodeFate::Kind::left_out;
                changed = true;
            }
        }
    }
}

void take_node_id(State& state, Queue& queue, const FlowNode& node, Offset offset, Round& round) {
    if (node.options.id) {
        const Name name = id_of(queue, node);
        put_name(state, queue, name, {offset}, *state.names.find(name), round);
    }
}

}  // namespace baton::core
