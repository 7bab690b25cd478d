// What stands in the way of deliveries, and what an examination found.

#include "server/session/encode/encode.hpp"
#include "server/session/facts.hpp"

#include <baton/v1/wire.pb.h>

#include <optional>

namespace baton::session {

void encode_explanation(core::RequestId request, const core::Explanation& explanation, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::Explanation& to = *frame.mutable_explanation();
    to.set_queue_id(core::value(explanation.queue));
    if (explanation.offset) {
        to.set_offset(*explanation.offset);
    }
    to.set_state(static_cast<v1::MessageState>(explanation.state));
    to.set_now_ms(explanation.now);
    for (const core::Obstacle& obstacle : explanation.obstacles) {
        v1::Obstacle& added = *to.add_obstacles();
        added.set_kind(static_cast<v1::Obstacle::Kind>(obstacle.kind));
        added.set_until_ms(obstacle.until);
        added.set_count(obstacle.count);
        added.set_name(obstacle.name);
    }
    append_frame(frame, out);
}

namespace {

std::optional<WireError> fault_of(const DoctorFacts& facts) {
    switch (facts.fault) {
        case DoctorFacts::Fault::busy: {
            WireError error = wire_error(WireCode::doctor_busy, "another examination is running");
            error.retryable = true;
            error.retry_after_ms = 1'000;
            return error;
        }
        case DoctorFacts::Fault::no_such_queue:
            return wire_error(
                core::Refusal{core::RefusalCode::queue_not_found, "there is no queue " + facts.text, "doctor.queue"});
        case DoctorFacts::Fault::no_such_namespace:
            return wire_error(core::invalid("namespace", "there is no namespace " + facts.text));
        case DoctorFacts::Fault::stopped:
            return wire_error(core::Refusal{core::RefusalCode::shutting_down, "the server stops"});
        case DoctorFacts::Fault::failed:
            return wire_error(WireCode::storage_failed, facts.text);
        case DoctorFacts::Fault::none:
            break;
    }
    return std::nullopt;
}

}  // namespace

void encode_diagnosis(core::RequestId request, const DoctorFacts& facts, SendQueue& out) {
    if (const auto fault = fault_of(facts)) {
        encode_error(request, *fault, out);
        return;
    }
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::Diagnosis& to = *frame.mutable_diagnosis();
    to.set_commit_seq(facts.commit_seq);
    to.set_queues(facts.queues);
    to.set_records(facts.records);
    to.set_found(facts.found);
    for (const DoctorFacts::Ailment& ailment : facts.ailments) {
        v1::Ailment& added = *to.add_ailments();
        added.set_kind(static_cast<v1::Ailment::Kind>(ailment.kind));
        added.set_queue(ailment.queue);
        added.set_text(ailment.text);
    }
    append_frame(frame, out);
}

}  // namespace baton::session
