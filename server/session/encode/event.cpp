#include "server/session/encode/encode.hpp"

#include <baton/v1/event.pb.h>
#include <baton/v1/wire.pb.h>

namespace baton::session {

void encode_event_batch(const core::EventBatch& batch, SendQueue& out) {
    v1::ServerFrame frame;
    v1::EventBatch& to = *frame.mutable_event_batch();
    to.set_stream_id(batch.stream);
    to.set_next_seq(batch.next_seq);
    to.set_missed_first(batch.missed_first);
    to.set_missed_last(batch.missed_last);
    to.set_caught_up(batch.caught_up);
    to.set_closed(batch.closed);
    to.mutable_events()->Reserve(static_cast<int>(batch.events.size()));
    for (const core::EventBatch::Sent& sent : batch.events) {
        v1::Event& event = *to.add_events();
        event.set_seq(sent.seq);
        event.set_at_ms(sent.at);
        event.set_type(static_cast<v1::EventType>(sent.event.type));
        event.set_first_offset(sent.event.first);
        event.set_count(sent.event.count);
        if (sent.event.detail) {
            event.set_text(sent.event.detail->text);
            event.set_data(sent.event.detail->data);
        }
    }
    append_frame(frame, out);
}

void encode_job_ended(core::RequestId request, const core::JobEnded& ended, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::JobEnded& to = *frame.mutable_job_ended();
    to.set_outcome(static_cast<v1::JobEnded::Outcome>(ended.outcome));
    to.set_text(ended.text);
    to.set_offset(ended.offset);
    if (ended.result) {
        to.mutable_result()->set_content_type(ended.result->content_type);
        to.mutable_result()->set_value(ended.result->value);
    }
    append_frame(frame, out);
}

}  // namespace baton::session
