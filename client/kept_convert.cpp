#include "client/kept_convert.hpp"

#include "baton/v1/message.pb.h"
#include "baton/v1/queue.pb.h"
#include "client/filter_convert.hpp"
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

/// What makes a topic or a subscription of a queue.
void topic_from_proto(const v1::QueueInfo& in, QueueInfo& out) {
    out.kind = static_cast<QueueKind>(in.kind());
    if (in.has_topic_settings()) {
        out.topic_settings.retention = from_proto(in.topic_settings().retention());
        out.topic_settings.interest = in.topic_settings().interest();
        out.topic_settings.alternate_queue = in.topic_settings().alternate_queue();
        out.topic_settings.delivery_log = in.topic_settings().delivery_log();
        out.topic_settings.compact = in.topic_settings().compact();
        out.topic_settings.tombstone =
            std::chrono::milliseconds{static_cast<std::int64_t>(in.topic_settings().tombstone_ms())};
    }
    out.subscriptions = in.subscriptions();
    out.first_offset = in.first_offset();
    out.end_offset = in.end_offset();
    out.topic = in.topic();
    out.filter = filter_from_proto(in.filter());
    out.estimated = in.estimated();
    out.hold_unacked = in.hold_unacked();
    out.messages = in.messages();
    out.compacted_total = in.compacted_total();
}

}  // namespace

void kept_to_proto(const QueueSettings& in, v1::QueueSettings& out) {
    if (in.consumer_mode) {
        out.set_consumer_mode(static_cast<v1::ConsumerMode>(*in.consumer_mode));
    }
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
    out.consumer_mode = static_cast<ConsumerMode>(in.consumer_mode());
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

void topic_to_proto(const TopicSettings& in, v1::TopicSettings& out) {
    if (in.retention) {
        to_proto(*in.retention, *out.mutable_retention());
    }
    if (in.interest) {
        out.set_interest(*in.interest);
    }
    if (in.alternate_queue) {
        out.set_alternate_queue(*in.alternate_queue);
    }
    if (in.delivery_log) {
        out.set_delivery_log(*in.delivery_log);
    }
    if (in.compact) {
        out.set_compact(*in.compact);
    }
    if (in.tombstone) {
        out.set_tombstone_ms(count_of(*in.tombstone));
    }
}

void kept_from_proto(const v1::QueueInfo& in, QueueInfo& out) {
    out.waiting_children = in.waiting_children();
    out.completed = in.completed();
    out.completed_bytes = in.completed_bytes();
    out.retired_total = in.retired_total();
    out.first_event_seq = in.first_event_seq();
    out.next_event_seq = in.next_event_seq();
    topic_from_proto(in, out);
}

}  // namespace baton::detail
