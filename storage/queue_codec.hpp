#pragma once
// What a queue, a topic or a subscription is <-> its record, and what the state of a topic has more than a queue's.

#include "baton/store/v1/store.pb.h"
#include "server/core/mutation.hpp"
#include "storage/keys.hpp"

namespace baton::storage {

core::PutQueue queue_from_proto(const ParsedKey& key, const store::v1::Queue& stored);
void log_to_proto(const core::PutQueueState& record, store::v1::QueueState& out);
void log_from_proto(const store::v1::QueueState& stored, core::PutQueueState& out);

}  // namespace baton::storage
