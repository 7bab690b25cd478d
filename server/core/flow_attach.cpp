#include "server/core/flow_attach.hpp"

#include "server/core/flows.hpp"
#include "server/core/lease_tokens.hpp"
#include "server/core/limits.hpp"
#include "server/core/reports.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <memory>
#include <set>
#include <utility>

namespace baton::core {

namespace {

class ParentSearch {
public:
    ParentSearch(State& state, const FlowParent& parent, std::size_t added, Request& request, Round& round)
        : state_(state), parent_(parent), added_(added), request_(request), round_(round) {}

    std::variant<AttachTo, AttachParked, Refusal> run(TimeMs now);

private:
    std::optional<Refusal> find_queue();
    std::optional<Refusal> find_holder();
    /// False: the request is parked.
    bool flow_in_memory(bool& there);
    std::variant<AttachTo, AttachParked, Refusal> leased();
    std::variant<AttachTo, AttachParked, Refusal> waiting();

    State& state_;
    const FlowParent& parent_;
    std::size_t added_;
    Request& request_;
    Round& round_;
    AttachTo out_;
};

std::optional<Refusal> ParentSearch::find_queue() {
    out_.queue = parent_.token ? state_.find(parent_.token->queue) : state_.find(request_.ns, parent_.queue);
    if (out_.queue == nullptr && parent_.token) {
        return Refusal{RefusalCode::queue_deleted, "the queue of the parent is deleted", "add_flow.parent.token"};
    }
    if (out_.queue == nullptr) {
        Refusal refusal = no_such_queue(parent_.queue);
        refusal.field = "add_flow.parent.queue";
        return refusal;
    }
    const Queue* of_children = state_.find(request_.ns, std::get<AddFlow>(request_.body).nodes.front().queue);
    if (of_children != nullptr && of_children->ns != out_.queue->ns) {
        return invalid("add_flow.parent.token", "a flow stays in one namespace");
    }
    if (out_.queue->profile != Profile::job) {
        return Refusal{RefusalCode::wrong_profile,
                       "flows need queues of profile job, which find their messages by offset",
                       "add_flow.parent.queue"};
    }
    out_.flow = {out_.queue->id, parent_.offset};
    return std::nullopt;
}

std::optional<Refusal> ParentSearch::find_holder() {
    Queue& queue = *out_.queue;
    if (parent_.token) {
        LeaseBatch* batch = batch_of(state_, queue, *parent_.token);
        if (batch == nullptr || !token_holds(queue, *batch, *parent_.token, parent_.offset)) {
            const RefusalCode code = parent_.offset < queue.end
                                         ? why_not_held(state_, queue, *parent_.token, parent_.offset)
                                         : RefusalCode::token_unknown;
            return Refusal{code, "the token does not hold the parent", "add_flow.parent.token"};
        }
        out_.batch = batch;
    } else {
        out_.batch = parent_.offset < queue.end ? queue.leases.holder_of(parent_.offset) : nullptr;
    }
    if (out_.batch != nullptr && out_.batch->restart_hold) {
        return held_since_before_restart();
    }
    return std::nullopt;
}

bool ParentSearch::flow_in_memory(bool& there) {
    const bool loaded = loaded_flow(state_, out_.flow) != nullptr;
    there = loaded || state_.flows.absent != out_.flow;
    if (there && !loaded) {
        read_flow(state_, out_.flow, std::move(request_), round_);
        return false;
    }
    return true;
}

std::variant<AttachTo, AttachParked, Refusal> ParentSearch::leased() {
    const LeaseBatch& batch = *out_.batch;
    if (batch.is_cancelled(batch.position_of(*batch.run_of(parent_.offset), parent_.offset))) {
        return Refusal{RefusalCode::job_cancelled, "the parent is cancelled", "add_flow.parent.offset"};
    }
    out_.record = leased_record(state_, *out_.queue, batch, parent_.offset, request_, round_);
    if (!out_.record) {
        return AttachParked{};
    }
    bool there = out_.record->meta && out_.record->meta->has_flow;
    if (there && !flow_in_memory(there)) {
        return AttachParked{};
    }
    out_.children = there ? loaded_flow(state_, out_.flow)->children.size() : 0;
    return std::move(out_);
}

std::variant<AttachTo, AttachParked, Refusal> ParentSearch::waiting() {
    bool there = true;
    if (!flow_in_memory(there)) {
        return AttachParked{};
    }
    const Flow* flow = there ? loaded_flow(state_, out_.flow) : nullptr;
    if (flow == nullptr || flow->head.state != FlowState::waiting) {
        return Refusal{RefusalCode::wrong_message_state,
                       "only a message that is leased or waits for children can be given children",
                       "add_flow.parent.offset"};
    }
    out_.children = flow->children.size();
    return std::move(out_);
}

std::variant<AttachTo, AttachParked, Refusal> ParentSearch::run(TimeMs now) {
    run_flows(state_, now, round_);
    if (auto fault = find_queue()) {
        return std::move(*fault);
    }
    if (out_.queue->attaching != 0) {
        out_.queue->waiting_attach.push_back(std::move(request_));
        return AttachParked{};
    }
    close_chunks(state_, *out_.queue, round_);
    if (auto fault = find_holder()) {
        return std::move(*fault);
    }
    auto found = out_.batch != nullptr ? leased() : waiting();
    const auto* to = std::get_if<AttachTo>(&found);
    if (to != nullptr && to->children + added_ > limits::flow_children_max) {
        return invalid("add_flow.nodes", "a message has at most 10000 children", limits::flow_children_max);
    }
    return found;
}

/// The running message says in its record that it has children, which its ack then asks after.
void open_flow(State& state, AttachTo& to, TimeMs now, Round& round) {
    Queue& queue = *to.queue;
    auto meta = to.record->meta ? std::make_shared<MessageMeta>(*to.record->meta) : std::make_shared<MessageMeta>();
    const bool had_flow = meta->has_flow;
    meta->has_flow = meta->has_open_flow = true;
    if (!had_flow && meta->parents) {
        for (const FlowLink& link : *meta->parents) {
            FlowNews news;
            news.kind = FlowNewsKind::became_parent;
            news.queue = queue.id;
            state.flows.told.emplace_back(link, std::move(news));
        }
    }
    to.record->meta = std::move(meta);
    if (loaded_flow(state, to.flow) == nullptr) {
        Flow flow;
        flow.ns = queue.ns;
        flow.head.created_at = now;
        // Somebody may have asked for it before it was there.
        forget_reading(state, queue, to.flow, round);
        take_in_flow(state, to.flow, std::move(flow));
    }
    loaded_flow(state, to.flow)->head.state = FlowState::open;
    queue.flows.has_parents = true;
    change_leased_record(state, queue, *to.batch, std::move(*to.record), now, round);
}

}  // namespace

std::variant<AttachTo, AttachParked, Refusal> find_parent(State& state, const FlowParent& parent, std::size_t added,
                                                          Request& request, TimeMs now, Round& round) {
    return ParentSearch(state, parent, added, request, round).run(now);
}

void attach_children(State& state, AttachTo&& to, std::vector<FlowChild>&& children, TimeMs now, Round& round) {
    if (to.batch != nullptr) {
        open_flow(state, to, now, round);
    }
    Flow& flow = *loaded_flow(state, to.flow);
    std::set<QueueId> members;
    for (FlowChild& child : children) {
        members.insert(child.queue);
        flow.children.push_back(std::move(child));
        flow.holding += 1;
        mark_changed(state, to.flow, static_cast<std::uint32_t>(flow.children.size() - 1));
    }
    flow.head.children = static_cast<std::uint32_t>(flow.children.size());
    mark_changed(state, to.flow, 0);
    for (const QueueId member : members) {
        round.mutations.push_back(PutFlowMember{flow.ns, member, to.flow});
    }
    Queue& queue = *to.queue;
    queue.flows.has_pages = queue.flows.has_pages || flow.head.children > limits::flow_page_children;
    state.touch(queue, round);
}

}  // namespace baton::core
