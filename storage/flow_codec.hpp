#pragma once
// Flows <-> bytes: pages, long results, news, and what a queue knows of them.

#include "baton/store/v1/store.pb.h"
#include "server/core/mutation.hpp"
#include "storage/keys.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace baton::storage {

void lost_children_to_proto(const std::vector<core::LostChildren>& lost, store::v1::Shard& out);
std::vector<core::LostChildren> lost_children_from_proto(const store::v1::Shard& stored);
void flow_counts_to_proto(const core::FlowCounts& counts, store::v1::QueueState& out);
core::FlowCounts flow_counts_from_proto(const store::v1::QueueState& stored);

std::string encode(const core::PutFlow& record);
std::string encode(const core::PutFlowResult& record);
std::string encode(const core::PutFlowNews& record);
// These throw Damage.
core::PutFlow decode_flow(const ParsedKey& key, std::string_view value);
core::JobResultPtr decode_flow_result(const ParsedKey& key, std::string_view value);
core::PutFlowNews decode_flow_news(const ParsedKey& key, std::string_view value);

}  // namespace baton::storage
