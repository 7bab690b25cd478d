// Why nothing is delivered, and examinations.
#include "baton/why.hpp"

#include "baton/admin.hpp"
#include "baton/v1/wire.pb.h"
#include "client/client_core.hpp"
#include "client/parsed.hpp"

namespace baton {

using detail::parsed;

namespace {

enum Request : std::uint32_t { why_request = 140, doctor_request };
enum Reply : std::uint32_t { explanation_reply = 140, diagnosis_reply };

Explanation explanation_from(const v1::Explanation& said) {
    Explanation out;
    if (said.has_offset()) {
        out.message = MessageId{said.queue_id(), said.offset()};
    }
    out.state = static_cast<MessageState>(said.state());
    out.now_ms = said.now_ms();
    for (const v1::Obstacle& obstacle : said.obstacles()) {
        const auto kind = v1::Obstacle::Kind_IsValid(obstacle.kind()) ? static_cast<Obstacle::Kind>(obstacle.kind())
                                                                      : Obstacle::Kind::unspecified;
        out.obstacles.push_back({kind, obstacle.until_ms(), obstacle.count(), obstacle.name()});
    }
    return out;
}

}  // namespace

const char* to_text(Obstacle::Kind kind) {
    switch (kind) {
        case Obstacle::Kind::paused:
            return "paused";
        case Obstacle::Kind::paused_until:
            return "paused_until";
        case Obstacle::Kind::penalty:
            return "penalty";
        case Obstacle::Kind::rate:
            return "rate";
        case Obstacle::Kind::in_flight:
            return "in_flight";
        case Obstacle::Kind::restart:
            return "restart";
        case Obstacle::Kind::retry:
            return "retry";
        case Obstacle::Kind::groups_held:
            return "groups_held";
        case Obstacle::Kind::no_consumer:
            return "no_consumer";
        case Obstacle::Kind::consumers_away:
            return "consumers_away";
        case Obstacle::Kind::credit_used:
            return "credit_used";
        case Obstacle::Kind::isolated:
            return "isolated";
        case Obstacle::Kind::draining:
            return "draining";
        case Obstacle::Kind::nothing_ready:
            return "nothing_ready";
        case Obstacle::Kind::not_due:
            return "not_due";
        case Obstacle::Kind::others_before:
            return "others_before";
        case Obstacle::Kind::leased:
            return "leased";
        case Obstacle::Kind::cancelled:
            return "cancelled";
        case Obstacle::Kind::completed:
            return "completed";
        case Obstacle::Kind::failed:
            return "failed";
        case Obstacle::Kind::waiting_children:
            return "waiting_children";
        case Obstacle::Kind::unspecified:
            break;
    }
    return "other";
}

const char* to_text(Ailment::Kind kind) {
    switch (kind) {
        case Ailment::Kind::counter:
            return "counter";
        case Ailment::Kind::message_lost:
            return "message_lost";
        case Ailment::Kind::locator:
            return "locator";
        case Ailment::Kind::lease:
            return "lease";
        case Ailment::Kind::name:
            return "name";
        case Ailment::Kind::parked:
            return "parked";
        case Ailment::Kind::damage:
            return "damage";
        case Ailment::Kind::flow_without_parent:
            return "flow_without_parent";
        case Ailment::Kind::parent_without_flow:
            return "parent_without_flow";
        case Ailment::Kind::flow_not_released:
            return "flow_not_released";
        case Ailment::Kind::child_lost:
            return "child_lost";
        case Ailment::Kind::flow_pages:
            return "flow_pages";
        case Ailment::Kind::flow_member:
            return "flow_member";
        case Ailment::Kind::unspecified:
            break;
    }
    return "other";
}

Explanation Admin::why_queue(const std::string& queue) {
    v1::Why request;
    request.set_queue(queue);
    return explanation_from(parsed<v1::Explanation>(core_->call(why_request, request, explanation_reply)));
}

Explanation Admin::why_job(const std::string& queue, const JobName& job) {
    v1::Why request;
    request.set_queue(queue);
    if (job.id().empty()) {
        request.set_offset(job.offset());
    } else {
        request.set_id(job.id());
    }
    return explanation_from(parsed<v1::Explanation>(core_->call(why_request, request, explanation_reply)));
}

Diagnosis Admin::doctor(const std::string& queue, std::chrono::milliseconds timeout) {
    v1::Doctor request;
    request.set_queue(queue);
    const auto said = parsed<v1::Diagnosis>(core_->call(doctor_request, request, diagnosis_reply, false, timeout));
    Diagnosis out{said.commit_seq(), said.queues(), said.records(), {}, said.found()};
    for (const v1::Ailment& ailment : said.ailments()) {
        const auto kind = v1::Ailment::Kind_IsValid(ailment.kind()) ? static_cast<Ailment::Kind>(ailment.kind())
                                                                    : Ailment::Kind::unspecified;
        out.ailments.push_back({kind, ailment.queue(), ailment.text()});
    }
    return out;
}

}  // namespace baton
