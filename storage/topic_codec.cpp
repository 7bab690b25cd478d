#include "storage/topic_codec.hpp"

#include "storage/finished_codec.hpp"

namespace baton::storage {

void kind_to_proto(const core::PutQueue& record, store::v1::Queue& out) {
    out.set_kind(static_cast<std::uint32_t>(record.kind));
    if (record.kind == core::QueueKind::topic) {
        to_proto(record.keeps.retention, *out.mutable_retention());
        out.set_interest(record.keeps.interest);
    }
    out.set_topic(core::value(record.topic));
    out.set_hold(record.hold);
}

void kind_from_proto(const store::v1::Queue& stored, core::PutQueue& out) {
    out.kind = static_cast<core::QueueKind>(stored.kind());
    if (out.kind == core::QueueKind::topic) {
        out.keeps = {from_proto(stored.retention()), stored.interest()};
    }
    out.topic = core::QueueId{stored.topic()};
    out.hold = stored.hold();
}

void log_to_proto(const core::PutQueueState& record, store::v1::QueueState& out) {
    out.set_log_bytes(record.log_bytes);
    out.set_token_floor(record.token_floor);
}

void log_from_proto(const store::v1::QueueState& stored, core::PutQueueState& out) {
    out.log_bytes = stored.log_bytes();
    out.token_floor = stored.token_floor();
}

}  // namespace baton::storage
