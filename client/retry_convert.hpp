#pragma once
// Backoffs and retry rules <-> the protocol.

#include "baton/queue.hpp"
#include "baton/v1/queue.pb.h"

namespace baton::detail {

Backoff from_proto(const v1::Backoff& backoff);
void to_proto(const Backoff& in, v1::Backoff& out);
std::vector<RetryRule> from_proto(const v1::RetryRules& rules);
void to_proto(const std::vector<RetryRule>& in, v1::RetryRules& out);

}  // namespace baton::detail
