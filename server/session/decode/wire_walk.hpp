#pragma once
// Walking over the wire bytes of a message by hand, for what is read too often to be decoded whole.

#include "proto/entry_format.hpp"
#include "server/session/decode/wire_types.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace baton::session {

/// The tag of a field as it stands on the wire.
constexpr std::uint64_t tag_of(std::uint32_t field, std::uint32_t wire_type) { return field << 3 | wire_type; }

/// A position in the wire bytes of a message.
struct Walk {
    std::string_view bytes;
    std::size_t pos = 0;

    bool varint(std::uint64_t& out) { return proto::read_varint(bytes, pos, out); }
    bool fixed64(std::uint64_t& out) {
        static_assert(std::endian::native == std::endian::little, "fixed64 is little-endian on the wire");
        if (bytes.size() - pos < sizeof out) {
            return false;
        }
        std::memcpy(&out, bytes.data() + pos, sizeof out);
        pos += sizeof out;
        return true;
    }
    bool slice(std::string_view& out) {
        std::uint64_t length = 0;
        if (!varint(length) || length > bytes.size() - pos) {
            return false;
        }
        out = bytes.substr(pos, length);
        pos += length;
        return true;
    }
};

}  // namespace baton::session
