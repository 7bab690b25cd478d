#pragma once
// Appends protobuf fields to a string by hand, for the frames of the hot path: no message objects, no allocation beyond
// the string's own. Free functions without state.

#include "proto/entry_format.hpp"

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace baton::detail {

inline void put_varint(std::string& out, std::uint64_t value) {
    char bytes[10];
    out.append(bytes, proto::write_varint(value, bytes));
}

inline void put_varint_field(std::string& out, std::uint32_t field, std::uint64_t value) {
    put_varint(out, field << 3);
    put_varint(out, value);
}

inline void put_fixed64_field(std::string& out, std::uint32_t field, std::uint64_t value) {
    put_varint(out, field << 3 | 1);
    char bytes[8];
    for (unsigned i = 0; i < 8; ++i) {
        bytes[i] = static_cast<char>(value >> (8 * i));
    }
    out.append(bytes, sizeof bytes);
}

/// The tag and length of a length-delimited field whose `length` bytes follow.
inline void put_field_head(std::string& out, std::uint32_t field, std::uint64_t length) {
    put_varint(out, field << 3 | 2);
    put_varint(out, length);
}

inline void put_bytes_field(std::string& out, std::uint32_t field, std::string_view value) {
    put_field_head(out, field, value.size());
    out.append(value);
}

}  // namespace baton::detail
