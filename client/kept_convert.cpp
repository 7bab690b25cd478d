#include "client/kept_convert.hpp"

#include "baton/v1/message.pb.h"
#include "baton/v1/queue.pb.h"
#include "client/wire_time.hpp"

namespace baton::detail {

namespace {

Retention from_proto(const v1::Retention& in) {
    return {in.messages(), std::chrono::milliseconds{static_cast<std::int64_t>(in.age_ms())}, in.bytes()};
}

void to_proto(const Retention& in, v1::Retention& out) {
    if (in.messages) {
        out.set_messages(*in.messages);
    }
    if (in.age) {
        out.set_age_ms(count_of(*in.age));
    }
    if (in.bytes) {
        out.set_bytes(*in.bytes);
    }
}

}  // namespace

void kept_to_proto(const QueueSettings& in, v1::QueueSettings& out) {
    if (in.keep_completed) {
        out.set_keep_completed(*in.keep_completed);
    }
    if (in.completed_payload_bytes) {
        out.set_completed_payload_bytes(*in.completed_payload_bytes);
    }
    if (in.completed_retention) {
        to_proto(*in.completed_retention, *out.mutable_completed_retention());
    }
    if (in.failed_retention) {
        to_proto(*in.failed_retention, *out.mutable_failed_retention());
    }
    if (in.keep_events) {
        out.set_keep_events(*in.keep_events);
    }
    if (in.event_retention) {
        to_proto(*in.event_retention, *out.mutable_event_retention());
    }
}

void kept_from_proto(const v1::QueueSettings& in, QueueSettings& out) {
    out.keep_completed = in.keep_completed();
    out.completed_payload_bytes = in.completed_payload_bytes();
    out.completed_retention = from_proto(in.completed_retention());
    out.failed_retention = from_proto(in.failed_retention());
    out.keep_events = in.keep_events();
    out.event_retention = from_proto(in.event_retention());
}

void run_from_proto(const v1::StoredMessage& in, StoredMessage& out) {
    out.started_ms = in.started_ms();
    out.worker = in.worker();
    if (in.has_result()) {
        out.result = JobResult{in.result().value(), in.result().content_type()};
    }
    if (in.has_progress()) {
        out.progress = in.progress();
    }
    out.progress_ms = in.progress_ms();
    out.log_lines = in.log_lines();
}

void kept_from_proto(const v1::QueueInfo& in, QueueInfo& out) {
    out.waiting_children = in.waiting_children();
    out.completed = in.completed();
    out.completed_bytes = in.completed_bytes();
    out.retired_total = in.retired_total();
    out.first_event_seq = in.first_event_seq();
    out.next_event_seq = in.next_event_seq();
}

}  // namespace baton::detail
