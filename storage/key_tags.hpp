#pragma once
// The bytes that tell kinds of keys apart. Included by the sources that build and parse keys only.

#include "storage/keys.hpp"

#include <cstdint>

namespace baton::storage {

inline constexpr std::uint8_t namespace_data = 0x01, shard_data = 0x02;
inline constexpr std::uint64_t sign_bit = 1ULL << 63;
inline constexpr std::uint8_t first_small_record = 0x40;
/// Shard records are tagged 0x01.. on disk and 0xE1.. in KeyKind, so that one enumeration names all kinds.
inline constexpr std::uint8_t shard_kind_bit = 0xE0;
inline constexpr std::uint8_t commit_tag = 0xF0;

inline std::uint8_t shard_tag(KeyKind kind) {
    return kind == KeyKind::commit ? commit_tag
                                   : static_cast<std::uint8_t>(static_cast<std::uint8_t>(kind) - shard_kind_bit);
}

}  // namespace baton::storage
