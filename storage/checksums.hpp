#pragma once
// The checksum of stored values: 64 bits of XXH3, seeded with what the value belongs to, so that intact bytes under
// another key do not pass.

#include <cstdint>
#include <string_view>

namespace baton::storage {

/// Checksum of `bytes` bound to `seed`.
std::uint64_t checksum(std::string_view bytes, std::uint64_t seed);
/// Low 32 bits of the plain checksum of one entry's wire bytes, as the session layer computes it.
std::uint32_t entry_checksum(std::string_view wire);

}  // namespace baton::storage
