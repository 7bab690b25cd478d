#pragma once
// Chunks of events <-> bytes.

#include "server/core/event.hpp"
#include "storage/keys.hpp"

#include <string>
#include <string_view>

namespace baton::storage {

std::string encode(const core::PutEvents& record);
/// Throws Damage.
core::EventChunkPtr decode_events(const ParsedKey& key, std::string_view value);

}  // namespace baton::storage
