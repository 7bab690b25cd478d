#pragma once
// What makes a topic or a subscription of a queue, as part of its record and of its state's.

#include "baton/store/v1/store.pb.h"
#include "server/core/mutation.hpp"

namespace baton::storage {

void kind_to_proto(const core::PutQueue& record, store::v1::Queue& out);
void kind_from_proto(const store::v1::Queue& stored, core::PutQueue& out);
void log_to_proto(const core::PutQueueState& record, store::v1::QueueState& out);
void log_from_proto(const store::v1::QueueState& stored, core::PutQueueState& out);

}  // namespace baton::storage
