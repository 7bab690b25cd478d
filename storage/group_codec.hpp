#pragma once
// What holds for groups, and the record of one group <-> stored values. Included by the codecs only.

#include "baton/store/v1/store.pb.h"
#include "server/core/mutation.hpp"
#include "storage/keys.hpp"

#include <string_view>

namespace baton::storage {

void groups_to_proto(const core::GroupSettings& settings, store::v1::QueueSettings& out);
void groups_from_proto(const store::v1::QueueSettings& stored, core::GroupSettings& out);
/// Throws Damage.
core::PutGroup decode_group(const ParsedKey& key, std::string_view value);

}  // namespace baton::storage
