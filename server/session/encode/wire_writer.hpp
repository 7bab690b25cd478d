#pragma once
// Writes protobuf fields by hand where message bodies are sent as slices and lengths must be known before.

#include "proto/entry_format.hpp"

#include <cstdint>
#include <cstring>
#include <string_view>

namespace baton::session {

class WireWriter {
public:
    explicit WireWriter(char* out) : begin_(out), out_(out) {}

    void varint(std::uint64_t value) { out_ += proto::write_varint(value, out_); }
    void varint_field(std::uint32_t field, std::uint64_t value) {
        varint(std::uint64_t{field} << 3);
        varint(value);
    }
    void fixed64_field(std::uint32_t field, std::uint64_t value) {
        varint(std::uint64_t{field} << 3 | 1);
        std::memcpy(out_, &value, sizeof value);
        out_ += sizeof value;
    }
    /// Tag and length of a length-delimited field.
    void open_field(std::uint32_t field, std::uint64_t bytes) {
        varint(std::uint64_t{field} << 3 | 2);
        varint(bytes);
    }
    void text_field(std::uint32_t field, std::string_view text) {
        open_field(field, text.size());
        std::memcpy(out_, text.data(), text.size());
        out_ += text.size();
    }
    std::size_t bytes() const { return static_cast<std::size_t>(out_ - begin_); }

private:
    char* begin_;
    char* out_;
};

/// Bytes of a length-delimited field with a field number below 16 or below 2048.
constexpr std::size_t tag_bytes(std::uint32_t field) { return field < 16 ? 1 : 2; }
inline std::size_t nested_bytes(std::uint32_t field, std::uint64_t bytes) {
    return tag_bytes(field) + proto::varint_bytes(bytes) + bytes;
}
inline std::size_t varint_field_bytes(std::uint32_t field, std::uint64_t value) {
    return tag_bytes(field) + proto::varint_bytes(value);
}

}  // namespace baton::session
