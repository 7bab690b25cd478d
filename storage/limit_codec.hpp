#pragma once
// Limits of a queue and the state they keep <-> proto/baton/store/v1. A queue without limits stores nothing of it.

#include "baton/store/v1/store.pb.h"
#include "server/core/mutation.hpp"

namespace baton::storage {

void limits_to_proto(const core::QueueSettings& settings, store::v1::QueueSettings& out);
void limits_from_proto(const store::v1::QueueSettings& stored, core::QueueSettings& out);
void limiter_to_proto(const core::PutQueueState& record, store::v1::QueueState& out);
void limiter_from_proto(const store::v1::QueueState& stored, core::PutQueueState& out);

}  // namespace baton::storage
