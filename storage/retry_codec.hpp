#pragma once
// How failures are tried again <-> proto/baton/store/v1: backoffs, and the retry rules of a queue.

#include "baton/store/v1/store.pb.h"
#include "server/core/queue_settings.hpp"

namespace baton::storage {

void to_proto(const core::Backoff& backoff, store::v1::Backoff& out);
core::Backoff from_proto(const store::v1::Backoff& stored);
void rules_to_proto(const core::QueueSettings& settings, store::v1::QueueSettings& out);
void rules_from_proto(const store::v1::QueueSettings& stored, core::QueueSettings& out);

}  // namespace baton::storage
