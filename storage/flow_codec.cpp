#include "storage/flow_codec.hpp"

#include "storage/sealed.hpp"

#include <memory>
#include <utility>

namespace baton::storage {

namespace {

/// A flow's key has two numbers, the checksum is seeded with one.
std::uint64_t bound_number(core::Offset parent, std::uint64_t part) { return parent * 0xC2B2AE3D27D4EB4FULL ^ part; }

ParsedKey bound_key(const ParsedKey& key) {
    ParsedKey bound = key;
    bound.number = bound_number(key.seq, key.number);
    return bound;
}

void result_to_proto(const core::JobResultPtr& result, store::v1::FlowResult& out) {
    out.set_content_type(result->content_type);
    out.set_value(result->value);
}

core::JobResultPtr result_from_proto(const store::v1::FlowResult& stored) {
    return std::make_shared<const core::JobResult>(core::JobResult{stored.content_type(), stored.value()});
}

void child_to_proto(const core::FlowChild& child, store::v1::FlowChild& out) {
    out.set_queue_id(core::value(child.queue));
    out.set_offset(child.offset);
    out.set_policy(static_cast<std::uint32_t>(child.policy));
    out.set_state(static_cast<std::uint32_t>(child.state));
    out.set_is_parent(child.is_parent);
    out.set_spilled(child.spilled);
    out.set_error(child.error);
    if (child.result) {
        result_to_proto(child.result, *out.mutable_result());
    }
}

core::FlowChild child_from_proto(const store::v1::FlowChild& stored) {
    return {core::QueueId{stored.queue_id()},
            stored.offset(),
            static_cast<core::FailurePolicy>(stored.policy()),
            static_cast<core::ChildState>(stored.state()),
            stored.is_parent(),
            stored.spilled(),
            stored.error(),
            stored.has_result() ? result_from_proto(stored.result()) : nullptr};
}

}  // namespace

void lost_children_to_proto(const std::vector<core::LostChildren>& lost, store::v1::Shard& out) {
    for (const core::LostChildren& one : lost) {
        store::v1::LostChildren& stored = *out.add_lost_children();
        stored.set_namespace_id(core::value(one.ns));
        stored.set_queue_id(core::value(one.queue));
        stored.set_upto(one.upto);
    }
}

std::vector<core::LostChildren> lost_children_from_proto(const store::v1::Shard& stored) {
    std::vector<core::LostChildren> lost;
    for (const store::v1::LostChildren& one : stored.lost_children()) {
        lost.push_back({core::NamespaceId{one.namespace_id()}, core::QueueId{one.queue_id()}, one.upto()});
    }
    return lost;
}

void flow_counts_to_proto(const core::FlowCounts& counts, store::v1::QueueState& out) {
    if (counts == core::FlowCounts{}) {
        return;
    }
    store::v1::FlowCounts& flows = *out.mutable_flows();
    flows.set_waiting(counts.waiting);
    flows.set_has_children(counts.has_children);
    flows.set_has_parents(counts.has_parents);
    flows.set_has_pages(counts.has_pages);
    flows.set_purged_below(counts.purged_below);
}

core::FlowCounts flow_counts_from_proto(const store::v1::QueueState& stored) {
    const store::v1::FlowCounts& flows = stored.flows();
    return {flows.waiting(), flows.has_children(), flows.has_parents(), flows.has_pages(), flows.purged_below()};
}

std::string encode(const core::PutFlow& record) {
    store::v1::Flow stored;
    if (record.page == 0) {
        stored.set_state(static_cast<std::uint32_t>(record.head.state));
        stored.set_created_ms(record.head.created_at);
        stored.set_delay_ms(record.head.delay_ms);
        stored.set_due_ms(record.head.due_at);
        stored.set_ttl_ms(record.head.ttl_ms);
        stored.set_children_count(record.head.children);
    }
    for (const core::FlowChild& child : record.children) {
        child_to_proto(child, *stored.add_children());
    }
    return sealed(stored, KeyKind::flow, record.flow.queue, bound_number(record.flow.parent, record.page));
}

core::PutFlow decode_flow(const ParsedKey& key, std::string_view value) {
    const auto stored = opened<store::v1::Flow>(bound_key(key), value);
    core::PutFlow record{key.ns, {key.queue, key.seq}, static_cast<std::uint32_t>(key.number), {}, {}};
    record.head = {static_cast<core::FlowState>(stored.state()),
                   stored.created_ms(),
                   stored.delay_ms(),
                   stored.due_ms(),
                   stored.ttl_ms(),
                   stored.children_count()};
    for (const store::v1::FlowChild& child : stored.children()) {
        record.children.push_back(child_from_proto(child));
    }
    return record;
}

std::string encode(const core::PutFlowResult& record) {
    store::v1::FlowResult stored;
    result_to_proto(record.result, stored);
    return sealed(stored, KeyKind::flow_result, record.child.flow.queue,
                  bound_number(record.child.flow.parent, record.child.index));
}

core::JobResultPtr decode_flow_result(const ParsedKey& key, std::string_view value) {
    return result_from_proto(opened<store::v1::FlowResult>(bound_key(key), value));
}

std::string encode(const core::PutFlowNews& record) {
    store::v1::FlowNews stored;
    stored.set_outcome(static_cast<std::uint32_t>(record.news.outcome));
    stored.set_kind(static_cast<std::uint32_t>(record.news.kind));
    stored.set_text(record.news.text);
    stored.set_queue_id(core::value(record.news.queue));
    if (record.news.result) {
        result_to_proto(record.news.result, *stored.mutable_result());
    }
    stored.set_index(record.child.index);
    return sealed(stored, KeyKind::flow_news, record.child.flow.queue,
                  bound_number(record.child.flow.parent, record.number));
}

core::PutFlowNews decode_flow_news(const ParsedKey& key, std::string_view value) {
    const auto stored = opened<store::v1::FlowNews>(bound_key(key), value);
    return {
        key.ns,
        {{key.queue, key.seq}, stored.index()},
        static_cast<std::uint32_t>(key.number),
        {static_cast<core::FlowNewsKind>(stored.kind()), static_cast<core::JobOutcome>(stored.outcome()), stored.text(),
         stored.has_result() ? result_from_proto(stored.result()) : nullptr, core::QueueId{stored.queue_id()}}};
}

}  // namespace baton::storage
