// What is seen of a queue from outside.

#include "server/session/encode/encode.hpp"
#include "server/session/page_cursor.hpp"

#include <baton/v1/wire.pb.h>

namespace baton::session {

void encode_consumer_list(core::RequestId request, const core::ConsumerList& list, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::ConsumerList& to = *frame.mutable_consumer_list();
    for (const core::ConsumerInfo& consumer : list.consumers) {
        v1::ConsumerInfo& added = *to.add_consumers();
        added.set_worker(consumer.worker);
        added.set_consumer_id(core::value(consumer.place.consumer));
        added.set_session_id(core::value(consumer.place.session));
        added.set_client(consumer.client);
        added.set_connection(core::value(consumer.connection));
        added.set_session_ends_ms(consumer.session_ends_at);
        added.set_declared_ms(consumer.declared_at);
        added.set_credit_messages(consumer.credit_messages);
        added.set_credit_bytes(consumer.credit_bytes);
        added.set_in_flight_messages(consumer.in_flight_messages);
        added.set_in_flight_bytes(consumer.in_flight_bytes);
        added.set_waiting_fetches(consumer.waiting_fetches);
        added.set_lease_ms(static_cast<std::uint64_t>(consumer.lease_ms));
    }
    if (list.next) {
        to.set_next(write_consumer_cursor(*list.next));
    }
    to.set_now_ms(list.now);
    append_frame(frame, out);
}

void encode_priority_counts(core::RequestId request, const core::PriorityCounts& counts, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    frame.mutable_priority_counts()->mutable_ready()->Assign(counts.ready.begin(), counts.ready.end());
    append_frame(frame, out);
}

void encode_job_metrics(core::RequestId request, const core::JobMetrics& metrics, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::JobMetrics& to = *frame.mutable_job_metrics();
    to.set_newest_ms(metrics.newest_at);
    to.mutable_completed()->Assign(metrics.completed.begin(), metrics.completed.end());
    to.mutable_failed()->Assign(metrics.failed.begin(), metrics.failed.end());
    to.set_completed_total(metrics.completed_total);
    to.set_failed_total(metrics.failed_total);
    append_frame(frame, out);
}

}  // namespace baton::session
