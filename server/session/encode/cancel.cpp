#include "server/session/encode/encode.hpp"

#include <baton/v1/wire.pb.h>

namespace baton::session {

void encode_jobs_cancelled(core::RequestId request, core::JobsCancelled&& cancelled, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::JobsCancelled& to = *frame.mutable_jobs_cancelled();
    to.mutable_cancelled()->Add(cancelled.cancelled.begin(), cancelled.cancelled.end());
    to.mutable_cancelling()->Add(cancelled.cancelling.begin(), cancelled.cancelling.end());
    for (auto& [offset, refusal] : cancelled.refused) {
        v1::JobRefusal& added = *to.add_refusals();
        added.set_offset(offset);
        fill(wire_error(std::move(refusal)), *added.mutable_error());
    }
    for (auto& [id, refusal] : cancelled.refused_ids) {
        v1::JobRefusal& added = *to.add_refusals();
        added.set_id(id);
        fill(wire_error(std::move(refusal)), *added.mutable_error());
    }
    append_frame(frame, out);
}

void encode_lease_revoked(const core::LeaseRevoked& revoked, SendQueue& out) {
    v1::ServerFrame frame;
    v1::LeaseRevoked& to = *frame.mutable_lease_revoked();
    to.set_consumer_id(core::value(revoked.consumer));
    to.mutable_token()->set_epoch(revoked.token.epoch);
    to.mutable_token()->set_queue_id(core::value(revoked.token.queue));
    to.mutable_token()->set_batch(revoked.token.batch);
    for (const core::OffsetRange& range : revoked.ranges) {
        v1::OffsetRange& added = *to.add_ranges();
        added.set_first(range.first);
        added.set_count(range.count);
    }
    to.set_reason(static_cast<v1::LeaseRevoked::Reason>(revoked.reason));
    to.set_grace_ms(static_cast<std::uint32_t>(revoked.grace_ms));
    append_frame(frame, out);
}

}  // namespace baton::session
