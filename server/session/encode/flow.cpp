#include "server/session/encode/encode.hpp"

#include <baton/v1/flow.pb.h>
#include <baton/v1/wire.pb.h>

namespace baton::session {

namespace {

void fill_child(const core::ChildView& from, v1::FlowChild& to) {
    to.set_index(from.index);
    to.set_queue(from.queue);
    to.set_queue_id(core::value(from.child.queue));
    to.set_offset(from.child.offset);
    to.set_policy(static_cast<v1::FailurePolicy>(from.child.policy));
    to.set_state(static_cast<v1::ChildState>(from.child.state));
    to.set_is_parent(from.child.is_parent);
    to.set_error(from.child.error);
    if (from.child.result) {
        to.mutable_result()->set_content_type(from.child.result->content_type);
        to.mutable_result()->set_value(from.child.result->value);
    }
}

void fill_view(const core::FlowView& from, v1::FlowView& to) {
    to.set_queue(from.queue);
    to.set_queue_id(core::value(from.id.queue));
    to.set_offset(from.id.parent);
    to.set_state(static_cast<v1::FlowState>(from.head.state));
    to.set_created_ms(from.head.created_at);
    to.set_total(from.head.children);
    to.set_pending(from.pending);
    to.set_completed(from.completed);
    to.set_failed(from.failed);
    to.set_ignored(from.ignored);
    to.set_removed(from.removed);
    for (const core::ChildView& child : from.children) {
        fill_child(child, *to.add_children());
    }
}

}  // namespace

void encode_flow_added(core::RequestId request, const core::FlowAdded& added, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::FlowAdded& to = *frame.mutable_flow_added();
    for (const auto& [queue, offset] : added.messages) {
        v1::FlowAdded::Stored& stored = *to.add_messages();
        stored.set_queue_id(core::value(queue));
        stored.set_offset(offset);
    }
    to.set_repeated(added.repeated);
    for (const core::NodeOutcome& outcome : added.outcomes) {
        v1::FlowAdded::NodeOutcome& node = *to.add_outcomes();
        node.set_node(outcome.node);
        node.set_kind(static_cast<v1::FlowAdded::NodeOutcome::Kind>(outcome.kind));
        node.set_state(static_cast<v1::MessageState>(outcome.state));
    }
    append_frame(frame, out);
}

void encode_flow_info(core::RequestId request, const core::FlowInfo& info, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::FlowInfo& to = *frame.mutable_flow_info();
    for (const core::FlowView& view : info.flows) {
        fill_view(view, *to.add_flows());
    }
    to.set_more(info.more);
    append_frame(frame, out);
}

void encode_child_list(core::RequestId request, const core::ChildList& list, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::ChildList& to = *frame.mutable_child_list();
    for (const core::ChildView& child : list.children) {
        fill_child(child, *to.add_children());
    }
    to.set_more(list.more);
    to.set_next(list.next);
    append_frame(frame, out);
}

void encode_children_awaited(core::RequestId request, const core::ChildrenAwaited& awaited, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    frame.mutable_children_awaited()->set_verdict(static_cast<v1::ChildrenAwaited::Verdict>(awaited.verdict));
    append_frame(frame, out);
}

void encode_flow_acted(core::RequestId request, const core::FlowActed& acted, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::FlowActed& to = *frame.mutable_flow_acted();
    to.set_done(acted.done);
    to.set_cancelling(acted.cancelling);
    to.set_skipped(acted.skipped);
    append_frame(frame, out);
}

}  // namespace baton::session
