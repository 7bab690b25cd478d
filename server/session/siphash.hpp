#pragma once
// SipHash-2-4: a keyed hash of short inputs that cannot be computed or inverted without the key.

#include <array>
#include <cstdint>
#include <string_view>

namespace baton::session {

using SipKey = std::array<std::uint64_t, 2>;

/// The 64-bit SipHash-2-4 of `bytes` under `key` (two little-endian halves of the 16-byte key).
std::uint64_t siphash(const SipKey& key, std::string_view bytes);

}  // namespace baton::session
