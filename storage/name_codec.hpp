#pragma once
// The names of messages and the index of names <-> their values. The encode() of the records are declared with the
// others in record_codec.hpp.

#include "baton/store/v1/store.pb.h"
#include "server/core/mutation.hpp"
#include "storage/keys.hpp"

#include <optional>
#include <string_view>

namespace baton::storage {

void to_proto(const core::Identity& identity, store::v1::MessageNames& out);
core::Identity from_proto(const store::v1::MessageNames& stored);

void to_proto(const core::NameCounts& counts, store::v1::NameCounts& out);
core::NameCounts from_proto(const store::v1::NameCounts& stored);

/// Each throws Damage.
core::NameRecord decode_name(const ParsedKey& key, std::string_view value);
core::NameEnd decode_name_end(const ParsedKey& key, std::string_view value);
core::PutParked decode_parked(const ParsedKey& key, std::string_view value);
/// What is parked; nothing for the index, which start-up does not load.
std::optional<core::Mutation> decode_named(const ParsedKey& key, std::string_view value);

}  // namespace baton::storage
