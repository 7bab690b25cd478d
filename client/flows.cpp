#include "baton/flows.hpp"

#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/consumer_core.hpp"
#include "client/message_options.hpp"
#include "client/parsed.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <set>
#include <utility>

namespace baton {

using detail::parsed;

namespace {

// Where requests and replies stand in the oneofs of ClientFrame and ServerFrame.
constexpr std::uint32_t add_flow_request = 130, show_flow_request = 131, list_children_request = 132,
                        remove_children_request = 134, detach_request = 135, cancel_flow_request = 136,
                        retry_flow_request = 137, remove_flow_request = 138;
constexpr std::uint32_t flow_added_reply = 130, flow_info_reply = 131, child_list_reply = 132, detached_reply = 9,
                        flow_acted_reply = 134;

template <std::size_t count>
const char* flow_text(const std::array<const char*, count>& names, std::size_t number) {
    return number < count ? names[number] : "unknown";
}

void node_to_proto(const Flow::Node& from, v1::FlowNode& to) {
    to.set_queue(from.queue);
    if (from.message.options.any()) {
        std::string options;
        detail::put_message_options(options, from.message.options);
        to.mutable_options()->ParseFromString(options);
    }
    to.mutable_parents()->Add(from.parents.begin(), from.parents.end());
    to.set_policy(static_cast<v1::FailurePolicy>(from.options.on_failure));
    to.set_children_policy(static_cast<v1::FailurePolicy>(from.options.children_on_failure));
    v1::Entry& entry = *to.mutable_entry();
    entry.set_payload(from.message.payload);
    entry.set_name(from.message.name);
    for (const Header& header : from.message.headers) {
        v1::Header& out = *entry.add_headers();
        out.set_key(header.key);
        out.set_value(header.value);
    }
}

/// One that is sent again after a lost answer is known by its sequences, one for each queue.
void put_sequences(const Flow& flow, const detail::FlowIdentity::Sequence& number, v1::AddFlow& to) {
    to.set_producer_id(number.producer_id());
    to.set_producer_created_ms(number.created_ms());
    std::set<std::string> queues;
    for (const Flow::Node& node : flow.nodes()) {
        queues.insert(node.queue);
    }
    for (const std::string& queue : queues) {
        v1::AddFlow::Sequence& one = *to.add_sequences();
        one.set_queue(queue);
        one.set_sequence(number.number());
        one.set_acked_through(number.acked_through());
    }
}

std::vector<AddedJob> send_flow(detail::ClientCore& client, const Flow& flow, v1::AddFlow&& request) {
    const detail::FlowIdentity::Sequence number(client.flow_identity());
    put_sequences(flow, number, request);
    for (const Flow::Node& node : flow.nodes()) {
        node_to_proto(node, *request.add_nodes());
    }
    const auto added = parsed<v1::FlowAdded>(client.call(add_flow_request, request, flow_added_reply));
    std::vector<AddedJob> jobs;
    for (const v1::FlowAdded::Stored& stored : added.messages()) {
        jobs.push_back({{stored.queue_id(), stored.offset()}, AddedJob::Kind::created, MessageState::unspecified});
    }
    for (const v1::FlowAdded::NodeOutcome& outcome : added.outcomes()) {
        if (outcome.node() >= jobs.size() || !v1::FlowAdded::NodeOutcome::Kind_IsValid(outcome.kind())) {
            // Left out it would count as stored, which nobody here knows.
            throw Exception(
                {ErrorCode::protocol_violation, "the server names an outcome that this client does not know"});
        }
        jobs[outcome.node()].kind = static_cast<AddedJob::Kind>(outcome.kind());
        jobs[outcome.node()].state = static_cast<MessageState>(outcome.state());
    }
    return jobs;
}

/// One of the requests that act on a whole flow.
template <typename Request>
FlowActed act_on_flow(detail::ClientCore& client, std::uint32_t field, Request&& request, const std::string& queue,
                      std::uint64_t offset, bool repeatable) {
    request.set_queue(queue);
    request.set_offset(offset);
    const auto acted = parsed<v1::FlowActed>(client.call(field, request, flow_acted_reply, repeatable));
    return {acted.done(), acted.cancelling(), acted.skipped()};
}

FlowChild child_from(const v1::FlowChild& from) {
    FlowChild to;
    to.index = from.index();
    to.queue = from.queue();
    to.id = {from.queue_id(), from.offset()};
    to.policy = static_cast<FailurePolicy>(from.policy());
    to.state = static_cast<ChildState>(from.state());
    to.is_parent = from.is_parent();
    to.error = from.error();
    if (from.has_result()) {
        to.result = JobResult{from.result().value(), from.result().content_type()};
    }
    return to;
}

FlowView view_from(const v1::FlowView& from) {
    FlowView to;
    to.queue = from.queue();
    to.id = {from.queue_id(), from.offset()};
    to.state = static_cast<FlowState>(from.state());
    to.created_ms = from.created_ms();
    to.total = from.total();
    to.pending = from.pending();
    to.completed = from.completed();
    to.failed = from.failed();
    to.ignored = from.ignored();
    to.removed = from.removed();
    for (const v1::FlowChild& child : from.children()) {
        to.children.push_back(child_from(child));
    }
    return to;
}

}  // namespace

const char* to_text(FailurePolicy policy) {
    return flow_text(std::array{"inherit", "fail_parent", "ignore", "remove", "continue_parent", "wait"},
                     static_cast<std::size_t>(policy));
}

const char* to_text(ChildState state) {
    return flow_text(std::array{"unknown", "pending", "completed", "failed", "ignored", "removed"},
                     static_cast<std::size_t>(state));
}

const char* to_text(FlowState state) {
    return flow_text(std::array{"unknown", "waiting", "released", "failed", "open"}, static_cast<std::size_t>(state));
}

const char* to_text(AddedJob::Kind kind) {
    return flow_text(std::array{"created", "duplicate", "left_out"}, static_cast<std::size_t>(kind));
}

Flow::Job Flow::add(std::string queue, Message message, std::vector<Job> parents, FlowJobOptions options) {
    nodes_.push_back({std::move(queue), std::move(message), std::move(parents), options});
    return static_cast<Job>(nodes_.size() - 1);
}

Flows::Flows(const Client& client) : core_(client.core()) {}

std::vector<AddedJob> Flows::add(const Flow& flow) { return send_flow(*core_, flow, {}); }

std::vector<AddedJob> Flows::add_children(const Received& parent, const Flow& flow, FailurePolicy children_on_failure) {
    v1::AddFlow request;
    const detail::Token& token = parent.batch().frame()->token;
    v1::FlowParent& to = *request.mutable_parent();
    to.mutable_token()->set_epoch(token.epoch);
    to.mutable_token()->set_queue_id(token.queue_id);
    to.mutable_token()->set_batch(token.batch);
    to.set_offset(parent.view().offset());
    to.set_children_policy(static_cast<v1::FailurePolicy>(children_on_failure));
    return send_flow(*core_, flow, std::move(request));
}

std::vector<AddedJob> Flows::add_children(const std::string& queue, std::uint64_t offset, const Flow& flow,
                                          FailurePolicy children_on_failure) {
    v1::AddFlow request;
    v1::FlowParent& to = *request.mutable_parent();
    to.set_queue(queue);
    to.set_offset(offset);
    to.set_children_policy(static_cast<v1::FailurePolicy>(children_on_failure));
    return send_flow(*core_, flow, std::move(request));
}

void Flows::detach(const std::string& queue, std::uint64_t offset) {
    v1::Detach request;
    request.set_queue(queue);
    request.set_offset(offset);
    core_->call(detach_request, request, detached_reply);
}

void Flows::detach(const std::string& queue, std::uint64_t offset, const std::string& parent_queue,
                   std::uint64_t parent_offset) {
    v1::Detach request;
    request.set_queue(queue);
    request.set_offset(offset);
    request.set_parent_queue(parent_queue);
    request.set_parent_offset(parent_offset);
    core_->call(detach_request, request, detached_reply);
}

FlowActed Flows::remove_children(const std::string& queue, std::uint64_t offset) {
    return act_on_flow(*core_, remove_children_request, v1::RemoveChildren(), queue, offset, true);
}

FlowActed Flows::cancel(const std::string& queue, std::uint64_t offset,
                        std::optional<std::chrono::milliseconds> grace) {
    v1::CancelFlow request;
    if (grace) {
        request.set_grace_ms(grace->count());
    }
    return act_on_flow(*core_, cancel_flow_request, std::move(request), queue, offset, false);
}

FlowActed Flows::retry(const std::string& queue, std::uint64_t offset, bool keep_counters) {
    v1::RetryFlow request;
    request.set_keep_counters(keep_counters);
    return act_on_flow(*core_, retry_flow_request, std::move(request), queue, offset, true);
}

FlowActed Flows::remove(const std::string& queue, std::uint64_t offset) {
    return act_on_flow(*core_, remove_flow_request, v1::RemoveFlow(), queue, offset, false);
}

FlowInfo Flows::show(const std::string& queue, std::uint64_t offset, std::uint32_t depth, std::uint32_t width) {
    v1::ShowFlow request;
    request.set_queue(queue);
    request.set_offset(offset);
    request.set_depth(depth);
    request.set_width(width);
    const auto info = parsed<v1::FlowInfo>(core_->call(show_flow_request, request, flow_info_reply));
    FlowInfo out;
    for (const v1::FlowView& view : info.flows()) {
        out.flows.push_back(view_from(view));
    }
    out.more = info.more();
    return out;
}

ChildPage Flows::children(const std::string& queue, std::uint64_t offset, const ChildrenOptions& options) {
    v1::ListChildren request;
    request.set_queue(queue);
    request.set_offset(offset);
    for (const ChildState state : options.states) {
        request.add_states(static_cast<v1::ChildState>(state));
    }
    request.set_cursor(options.cursor);
    request.set_limit(options.limit);
    const auto list = parsed<v1::ChildList>(core_->call(list_children_request, request, child_list_reply));
    ChildPage page;
    for (const v1::FlowChild& child : list.children()) {
        page.children.push_back(child_from(child));
    }
    page.more = list.more();
    page.next = list.next();
    return page;
}

std::vector<FlowChild> Flows::all_children(const std::string& queue, std::uint64_t offset) {
    std::vector<FlowChild> all;
    ChildrenOptions options;
    bool more = true;
    while (more) {
        ChildPage page = children(queue, offset, options);
        std::move(page.children.begin(), page.children.end(), std::back_inserter(all));
        options.cursor = page.next;
        more = page.more;
    }
    return all;
}

}  // namespace baton
