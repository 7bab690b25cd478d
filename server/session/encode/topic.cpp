// What is said of selections from topics: filters, bindings, and what listeners hear.
#include "proto/frame_reader.hpp"
#include "server/session/encode/encode.hpp"
#include "server/session/encode/wire_writer.hpp"

#include <baton/v1/wire.pb.h>

namespace baton::session {

namespace {

void fill_condition(const core::FilterCondition& from, v1::FilterCondition& to) {
    to.set_header(from.header);
    to.set_negated(from.negated);
    switch (from.test) {
        case core::FilterTest::equals:
            to.set_equals(from.values.front());
            break;
        case core::FilterTest::in:
            to.mutable_in()->mutable_values()->Add(from.values.begin(), from.values.end());
            break;
        case core::FilterTest::prefix:
            to.set_prefix(from.values.front());
            break;
        case core::FilterTest::pattern:
            to.set_pattern(from.values.front());
            break;
        case core::FilterTest::exists:
            to.set_exists(true);
            break;
        case core::FilterTest::range:
            if (from.from) {
                to.mutable_range()->set_at_least(*from.from);
            }
            if (from.to) {
                to.mutable_range()->set_at_most(*from.to);
            }
            break;
    }
}

void fill_binding(const core::BindingInfo& from, v1::Binding& to) {
    to.set_name(from.spec.name);
    to.set_topics(from.spec.selects->pattern);
    to.set_queue(from.queue);
    if (from.spec.selects->filter) {
        fill(*from.spec.selects->filter, *to.mutable_filter());
    }
    const core::BindingOptions& options = from.spec.options;
    v1::BindingOptions& out = *to.mutable_options();
    if (options.delay_ms) {
        out.set_delay_ms(static_cast<std::uint64_t>(*options.delay_ms));
    }
    if (options.ttl_ms) {
        out.set_ttl_ms(static_cast<std::uint64_t>(*options.ttl_ms));
    }
    if (options.priority) {
        out.set_priority(*options.priority);
    }
    out.set_group_header(options.group_header);
    out.set_priority_header(options.priority_header);
}

}  // namespace

void fill(const core::MessageFilter& from, v1::Filter& to) {
    to.set_any(from.any);
    for (const core::FilterCondition& condition : from.conditions) {
        fill_condition(condition, *to.add_conditions());
    }
}

void encode_binding_list(core::RequestId request, const core::BindingList& list, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::BindingList& to = *frame.mutable_binding_list();
    for (const core::BindingInfo& binding : list.bindings) {
        fill_binding(binding, *to.add_bindings());
    }
    to.set_next(list.next);
    append_frame(frame, out);
}

void encode_message_trace(core::RequestId request, const core::MessageTrace& trace, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::MessageTrace& to = *frame.mutable_message_trace();
    to.set_offset(trace.offset);
    to.set_stored_ms(trace.stored_at);
    for (const core::TraceRow& row : trace.rows) {
        v1::TraceRow& told = *to.add_rows();
        told.set_subscription(row.subscription);
        told.set_state(static_cast<v1::TraceState>(row.state));
        told.set_offset(row.offset);
        told.set_deliveries(row.counters.deliveries);
        told.set_failures(row.counters.failures);
        told.set_lease_losses(row.counters.lease_losses);
        told.set_at_ms(row.at);
        told.set_worker(row.worker);
    }
    to.set_next(trace.next);
    append_frame(frame, out);
}

void encode_listen_started(core::RequestId request, const core::ListenStarted& started, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    frame.mutable_listen_started()->set_inbox(started.inbox);
    append_frame(frame, out);
}

void encode_heard(const core::Heard& heard, SendQueue& out) {
    v1::Heard head;
    head.set_listener_id(heard.listener);
    head.set_topic(heard.topic);
    head.set_first_offset(heard.first);
    head.set_stored_ms(heard.stored_at);
    head.set_lost(heard.lost);
    const std::string fields = head.SerializeAsString();
    const std::string_view entries = heard.entries.count == 0 ? std::string_view() : heard.entries.bytes();
    const std::size_t body = fields.size() + entries.size();
    const std::size_t frame = nested_bytes(v1::ServerFrame::kHeardFieldNumber, body);
    const std::size_t open = frame - body;
    char* const place = out.append(proto::frame_head_bytes + open);
    proto::write_frame_head(static_cast<std::uint32_t>(frame), place);
    WireWriter(place + proto::frame_head_bytes).open_field(v1::ServerFrame::kHeardFieldNumber, body);
    out.append(fields);
    if (!entries.empty()) {
        out.append(heard.entries);
    }
}

}  // namespace baton::session
