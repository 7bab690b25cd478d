#pragma once
// The kinds of field of the protobuf encoding, for what is walked by hand.

#include <cstdint>

namespace baton::session {

inline constexpr std::uint32_t wire_varint = 0, wire_fixed64 = 1, wire_bytes = 2;

}  // namespace baton::session
