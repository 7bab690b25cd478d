// The hot path outwards: the heads are written by hand, the runs follow as slices.

#include "proto/frame_reader.hpp"
#include "server/session/encode/encode.hpp"
#include "server/session/encode/wire_writer.hpp"

#include <baton/v1/wire.pb.h>

namespace baton::session {

namespace {

using v1::Delivery;
using v1::Run;
using v1::Token;

std::size_t token_bytes(const core::Token& token) {
    return varint_field_bytes(Token::kEpochFieldNumber, token.epoch) + 9 +
           varint_field_bytes(Token::kBatchFieldNumber, token.batch);
}

std::size_t run_bytes(const core::Deliver::Run& run) {
    const std::size_t topic = run.topic.empty()
                                  ? 0
                                  : nested_bytes(Run::kTopicFieldNumber, run.topic.size()) +
                                        varint_field_bytes(Run::kTopicOffsetFieldNumber, run.topic_offset);
    return varint_field_bytes(Run::kFirstOffsetFieldNumber, run.first) +
           varint_field_bytes(Run::kStoredMsFieldNumber, static_cast<std::uint64_t>(run.stored_at)) + topic +
           run.entries.bytes().size();
}

void fill_detail(const core::Deliver::Detail& from, v1::DeliveryDetail& to) {
    to.set_offset(from.offset);
    to.set_deliveries(from.counters.deliveries);
    to.set_failures(from.counters.failures);
    to.set_lease_losses(from.counters.lease_losses);
    to.set_cause(static_cast<v1::Cause>(from.cause));
    if (from.origin) {
        fill(*from.origin, *to.mutable_origin());
    }
    to.set_lease_ms(static_cast<std::uint32_t>(from.lease_ms));
    to.set_priority(from.priority);
    to.set_max_attempts(from.max_attempts);
    if (from.group) {
        to.set_group(from.group->name);
    }
    if (from.identity) {
        to.set_id(from.identity->id);
        to.set_dedup_id(from.identity->dedup ? from.identity->dedup->key : std::string());
    }
    if (from.scheduled) {
        fill(*from.scheduled, *to.mutable_scheduled());
    }
    to.set_has_children(from.has_flow);
}

/// The details as fields of a Delivery; they follow the runs.
std::string encode_details(const core::Deliver& delivery) {
    if (delivery.details.empty()) {
        return {};
    }
    v1::Delivery details;
    details.mutable_details()->Reserve(static_cast<int>(delivery.details.size()));
    for (const core::Deliver::Detail& detail : delivery.details) {
        fill_detail(detail, *details.add_details());
    }
    return details.SerializeAsString();
}

}  // namespace

void encode_delivery(const core::Deliver& delivery, SendQueue& out) {
    const std::string details = encode_details(delivery);
    const std::uint64_t consumer = core::value(delivery.consumer);
    const auto lease_ms = static_cast<std::uint64_t>(delivery.lease_ms);
    const std::size_t token = token_bytes(delivery.token);
    const std::size_t head = varint_field_bytes(Delivery::kConsumerIdFieldNumber, consumer) +
                             nested_bytes(Delivery::kTokenFieldNumber, token) +
                             varint_field_bytes(Delivery::kLeaseMsFieldNumber, lease_ms);
    std::size_t body = head + details.size();
    for (const core::Deliver::Run& run : delivery.runs) {
        body += nested_bytes(Delivery::kRunsFieldNumber, run_bytes(run));
    }
    const std::uint64_t request = core::value(delivery.request);
    const std::size_t id = varint_field_bytes(v1::ServerFrame::kRequestIdFieldNumber, request);
    const std::size_t frame = id + nested_bytes(v1::ServerFrame::kDeliveryFieldNumber, body);

    char* const place = out.append(proto::frame_head_bytes + frame - body + head);
    proto::write_frame_head(static_cast<std::uint32_t>(frame), place);
    WireWriter writer(place + proto::frame_head_bytes);
    writer.varint_field(v1::ServerFrame::kRequestIdFieldNumber, request);
    writer.open_field(v1::ServerFrame::kDeliveryFieldNumber, body);
    writer.varint_field(Delivery::kConsumerIdFieldNumber, consumer);
    writer.open_field(Delivery::kTokenFieldNumber, token);
    writer.varint_field(Token::kEpochFieldNumber, delivery.token.epoch);
    writer.fixed64_field(Token::kQueueIdFieldNumber, core::value(delivery.token.queue));
    writer.varint_field(Token::kBatchFieldNumber, delivery.token.batch);
    writer.varint_field(Delivery::kLeaseMsFieldNumber, lease_ms);

    for (const core::Deliver::Run& run : delivery.runs) {
        const std::size_t bytes = run_bytes(run);
        const std::size_t entries = run.entries.bytes().size();
        WireWriter run_writer(out.append(nested_bytes(Delivery::kRunsFieldNumber, bytes) - entries));
        run_writer.open_field(Delivery::kRunsFieldNumber, bytes);
        run_writer.varint_field(Run::kFirstOffsetFieldNumber, run.first);
        run_writer.varint_field(Run::kStoredMsFieldNumber, static_cast<std::uint64_t>(run.stored_at));
        if (!run.topic.empty()) {
            run_writer.text_field(Run::kTopicFieldNumber, run.topic);
            run_writer.varint_field(Run::kTopicOffsetFieldNumber, run.topic_offset);
        }
        out.append(run.entries);
    }
    out.append(details);
}

}  // namespace baton::session
