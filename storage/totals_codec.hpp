#pragma once
// What has become of a queue's messages, in all and by the minute, <-> bytes.

#include "baton/store/v1/store.pb.h"
#include "server/core/job_minutes.hpp"
#include "server/core/queue_totals.hpp"
#include "storage/keys.hpp"

#include <string>
#include <string_view>

namespace baton::storage {

void to_proto(const core::QueueTotals& totals, store::v1::QueueTotals& out);
core::QueueTotals from_proto(const store::v1::QueueTotals& stored);

Key job_minutes_key(core::NamespaceId ns, core::QueueId queue);
std::string encode(const core::PutJobMinutes& record);
core::PutJobMinutes decode_job_minutes(const ParsedKey& key, std::string_view value);

}  // namespace baton::storage
