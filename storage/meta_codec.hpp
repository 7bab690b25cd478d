#pragma once
// Options and history of uncommon messages <-> proto/baton/store/v1. Used by chunks and by lane records.

#include "baton/store/v1/store.pb.h"
#include "server/core/message_record.hpp"

#include <vector>

namespace baton::storage {

void to_proto(const core::Counters& counters, store::v1::Counters& out);
core::Counters from_proto(const store::v1::Counters& counters);
template <typename Repeated>
void attempts_to_proto(const std::vector<core::Attempt>& attempts, Repeated& out) {
    for (const core::Attempt& attempt : attempts) {
        auto& stored = *out.Add();
        stored.set_at_ms(attempt.at);
        stored.set_worker(attempt.worker);
        stored.set_reason(attempt.reason);
        stored.set_delivered_ms(attempt.delivered_at);
        stored.set_error_class(attempt.error_class);
        stored.set_stack(attempt.stack);
    }
}
template <typename Repeated>
std::vector<core::Attempt> attempts_from_proto(const Repeated& attempts) {
    std::vector<core::Attempt> out;
    for (const auto& attempt : attempts) {
        out.push_back({attempt.at_ms(), attempt.delivered_ms(), attempt.worker(), attempt.error_class(),
                       attempt.reason(), attempt.stack()});
    }
    return out;
}
void to_proto(const core::MessageMeta& meta, store::v1::MessageMeta& out);
core::MetaPtr from_proto(const store::v1::MessageMeta& meta);

}  // namespace baton::storage
