#pragma once
// The two records of a schedule: what was asked of it, with the entry that it appends, and how far it has come. Their
// encode() is declared with the others in record_codec.hpp.

#include "server/core/mutation.hpp"
#include "storage/keys.hpp"

#include <string_view>

namespace baton::storage {

/// PutSchedule or PutScheduleProgress, by the part in the key. Throws Damage.
core::Mutation decode_schedule(const ParsedKey& key, std::string_view value);

}  // namespace baton::storage
