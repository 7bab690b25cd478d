#pragma once
// Where a queue ended at its latest starts, as part of its state record.

#include "baton/store/v1/store.pb.h"
#include "server/core/start_marks.hpp"

#include <vector>

namespace baton::storage {

void starts_to_proto(const std::vector<core::StartMark>& starts, store::v1::QueueState& out);
std::vector<core::StartMark> starts_from_proto(const store::v1::QueueState& stored);

}  // namespace baton::storage
