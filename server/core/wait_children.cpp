// A running job waits for its children: it gives up its lease and comes again when they are over. And the ack of a job
// whose children are not over, which is refused.
#include "server/core/flows.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/reports.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace baton::core {

namespace {

using Verdict = ChildrenAwaited::Verdict;

const FlowChild* failing_child(const Flow& flow) {
    const auto failing = [](const FlowChild& child) {
        return child.state == ChildState::failed && child.policy == FailurePolicy::fail_parent;
    };
    const auto found = std::find_if(flow.children.begin(), flow.children.end(), failing);
    return found == flow.children.end() ? nullptr : &*found;
}

bool lets_parent_go_on(const Flow& flow) {
    return flow.holding == 0 || std::any_of(flow.children.begin(), flow.children.end(), [](const FlowChild& child) {
               return child.state == ChildState::failed && child.policy == FailurePolicy::continue_parent;
           });
}

/// The message out of its lease, as it is to wait.
MessageRecord take_waiter(State& state, Queue& queue, LeaseBatch& batch, LeasedDetail&& detail, Round& round) {
    const Offset offset = detail.lane->offset;
    remember_settle(queue, batch.number, offset, 1);
    auto meta = std::make_shared<MessageMeta>(*detail.lane->meta);
    meta->counters = detail.counters;
    meta->attempts = std::move(detail.attempts);
    meta->cause = Cause::released;
    meta->fence = batch.number;
    meta->isolated = false;
    meta->has_open_flow = false;
    MessageRecord record = take_leased(state, queue, batch, offset, std::move(detail.lane), round);
    record.meta = std::move(meta);
    return record;
}

void begin_wait(State& state, Queue& queue, Flow& flow, MessageRecord&& record, Round& round) {
    const FlowId id{queue.id, record.offset};
    flow.head.state = FlowState::waiting;
    // Its own delay is behind it; its time to live begins anew with its release.
    flow.head.delay_ms = 0;
    flow.head.due_at = 0;
    flow.head.ttl_ms = 0;
    if (record.meta->expires_at != 0) {
        flow.head.ttl_ms = record.meta->expires_at - record.ready_at;
        auto meta = std::make_shared<MessageMeta>(*record.meta);
        meta->expires_at = 0;
        record.meta = std::move(meta);
    }
    flow.parent = put_waiting_children(state, queue, std::move(record), round);
    mark_changed(state, id, 0);
}

}  // namespace

void wait_children(State& state, Queue& queue, LeaseBatch& batch, Request&& request, TimeMs now, Round& round) {
    const Offset offset = std::get<WaitChildren>(request.body).offset;
    if (batch.restart_hold) {
        reply(request, held_since_before_restart(), round);
        return;
    }
    LeasedDetail detail = detail_of(queue, batch, batch.position_of(*batch.run_of(offset), offset), offset);
    if (detail.cancelled) {
        reply(request, Refusal{RefusalCode::job_cancelled, "the message is cancelled", "offset"}, round);
        return;
    }
    run_flows(state, now, round);
    const FlowId id{queue.id, offset};
    Flow* flow = loaded_flow(state, id);
    const bool has_flow = detail.lane && detail.lane->meta && detail.lane->meta->has_flow;
    const bool none = !has_flow || (flow == nullptr && state.flows.absent == id);
    if (!none && flow == nullptr) {
        read_flow(state, id, std::move(request), round);
        return;
    }
    const FlowChild* failing = none ? nullptr : failing_child(*flow);
    if (none || (failing == nullptr && lets_parent_go_on(*flow))) {
        if (!none && flow->head.state != FlowState::released) {
            flow->head.state = FlowState::released;
            mark_changed(state, id, 0);
            state.touch(queue, round);
        }
        reply(request, ChildrenAwaited{Verdict::go_on}, round);
        return;
    }
    MessageRecord record = take_waiter(state, queue, batch, std::move(detail), round);
    if (failing != nullptr) {
        flow->head.state = FlowState::failed;
        mark_changed(state, id, 0);
        fail_by_child(state, queue, std::move(record), *failing, now, round);
    } else {
        begin_wait(state, queue, *flow, std::move(record), round);
    }
    reply(request, ChildrenAwaited{failing != nullptr ? Verdict::failed : Verdict::waits}, round);
}

bool asks_after_children(const MetaPtr& meta) { return meta && meta->has_open_flow; }

std::optional<RefusalCode> why_not_done(State& state, const FlowId& id) {
    const Flow* flow = loaded_flow(state, id);
    if (flow == nullptr || flow->head.state != FlowState::open || planted(PlantedBug::open_flow_acked)) {
        return std::nullopt;
    }
    if (failing_child(*flow) != nullptr) {
        return RefusalCode::failed_by_child;
    }
    return flow->holding != 0 ? std::optional(RefusalCode::children_pending) : std::nullopt;
}

}  // namespace baton::core
