// Ids, deduplication keys, and what a produce says of entries that had those of others.

#include "server/session/encode/encode.hpp"

#include <baton/v1/wire.pb.h>

namespace baton::session {

void fill(const core::Dedup& from, v1::Dedup& to) {
    to.set_id(from.key);
    to.set_mode(static_cast<v1::Dedup::Mode>(from.mode));
    to.set_ttl_ms(static_cast<std::uint64_t>(from.ttl_ms));
    to.set_extend(from.extend);
    to.set_replace(from.replace);
}

void fill(const core::ItemOutcome& from, v1::ItemOutcome& to) {
    to.set_index(from.index);
    to.set_kind(static_cast<v1::ItemOutcome::Kind>(from.kind));
    to.set_offset(from.offset);
    to.set_state(static_cast<v1::MessageState>(from.state));
}

void encode_dedup(core::RequestId request, const core::DedupShown& dedup, SendQueue& out) {
    v1::ServerFrame frame;
    frame.set_request_id(core::value(request));
    v1::DedupInfo& to = *frame.mutable_dedup_info();
    to.set_queue_id(core::value(dedup.queue));
    to.set_holder(dedup.holder);
    to.set_state(static_cast<v1::MessageState>(dedup.state));
    to.set_until_ms(dedup.until);
    to.set_parked(dedup.parked);
    append_frame(frame, out);
}

}  // namespace baton::session
