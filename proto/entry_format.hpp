#pragma once
// The wire form of entries, walked by hand on the hot path: field 15 of Produce and of Run, adjacent, so that a run of
// entries is one slice from the producer's socket to the disk and to the consumer's socket. The .proto files define
// the format; a test holds this code against the generated one.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace baton::proto {

/// Field 15, length-delimited.
inline constexpr std::uint8_t entry_tag = 0x7A;

/// Reads a varint at `pos` and moves `pos` behind it; false when cut or longer than 10 bytes.
bool read_varint(std::string_view bytes, std::size_t& pos, std::uint64_t& out);
/// As read_varint, for tags and lengths: parsers take at most 5 bytes for them, so a longer form is refused too.
bool read_short_varint(std::string_view bytes, std::size_t& pos, std::uint64_t& out);
/// Appends a varint; returns the bytes written (at most 10).
std::size_t write_varint(std::uint64_t value, char* out);
std::size_t varint_bytes(std::uint64_t value);
/// Moves `pos` behind the value of a field of this wire type; false when cut or of an unknown wire type.
bool skip_field(std::string_view bytes, std::size_t& pos, std::uint32_t wire_type);

/// True when `text` is well-formed UTF-8 without surrogates or overlong forms, as the protobuf `string` type demands.
bool is_utf8(std::string_view text);

struct HeaderView {
    std::string_view key;
    std::string_view value;
};
/// One entry, decoded without copying.
struct EntryView {
    std::string_view payload;
    std::string_view name;
    std::vector<HeaderView> headers;
};
/// Decodes the body of one entry (without its tag and length). Empty when it is not a valid Entry.
std::optional<EntryView> read_entry(std::string_view body);

/// What is wrong with an entry; ok when nothing.
enum class EntryFault : std::uint8_t { ok, malformed, name_too_long, too_many_headers, headers_too_large };

struct EntryLimits {
    std::size_t name_bytes_max;
    std::uint32_t headers_max;
    std::size_t headers_bytes_max;
};
/// Checks structure, UTF-8 of name and header keys, and limits, without allocating.
EntryFault check_entry(std::string_view body, const EntryLimits& limits);

/// Walks adjacent entries (tag, length, body) from the start of `wire` and calls `each(begin, body)` with the position
/// of the tag and the body. Stops at the first byte that is not an entry tag or at the end; returns where it stopped,
/// or nothing when an entry is cut.
template <typename Each>
std::optional<std::size_t> for_each_entry(std::string_view wire, Each&& each) {
    std::size_t pos = 0;
    while (pos < wire.size() && static_cast<std::uint8_t>(wire[pos]) == entry_tag) {
        const std::size_t begin = pos++;
        std::uint64_t length = 0;
        if (!read_short_varint(wire, pos, length) || length > wire.size() - pos) {
            return std::nullopt;
        }
        each(begin, wire.substr(pos, length));
        pos += length;
    }
    return pos;
}

/// Checksum of one entry's wire bytes (tag and length included): low 32 bits of XXH3.
std::uint32_t entry_checksum(std::string_view wire);

}  // namespace baton::proto
