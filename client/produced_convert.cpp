// What a produce was answered.
#include "baton/v1/wire.pb.h"
#include "client/proto_convert.hpp"

namespace baton::detail {

Result<BatchReceipt> from_proto(const v1::Produced& produced) {
    BatchReceipt out;
    out.queue_id = produced.queue_id();
    out.first_offset = produced.first_offset();
    out.accepted = produced.count();
    out.duplicate = produced.duplicate();
    out.durability = static_cast<Durability>(produced.durability());
    out.subscriptions = produced.subscriptions();
    for (const v1::ItemRefusal& refusal : produced.refusals()) {
        out.refusals.push_back({refusal.index(), from_proto(refusal.error())});
    }
    for (const v1::ItemOutcome& outcome : produced.outcomes()) {
        if (!v1::ItemOutcome::Kind_IsValid(outcome.kind())) {
            // Left out it would count as stored, which nobody here knows.
            return Error{ErrorCode::protocol_violation, "the server names an outcome that this client does not know"};
        }
        out.outcomes.emplace_back(outcome.index(), ProduceOutcome{static_cast<ProduceOutcome::Kind>(outcome.kind()),
                                                                  {produced.queue_id(), outcome.offset()},
                                                                  static_cast<MessageState>(outcome.state())});
    }
    return out;
}

}  // namespace baton::detail
