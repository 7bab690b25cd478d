#include "server/core/entry_fields.hpp"

#include <cstdint>

namespace baton::core {

namespace {

constexpr std::uint64_t payload_field = 1, name_field = 2, headers_field = 3, header_key_field = 1,
                        header_value_field = 2;
constexpr std::uint64_t wire_length_delimited = 2;

/// Takes a varint from the front; false at the end.
bool take_varint(std::string_view& bytes, std::uint64_t& out) {
    out = 0;
    for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        out |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0) {
            return true;
        }
    }
    return false;
}

/// Takes the next field whose value has a length; others end the walk, since an entry has none.
bool take_field(std::string_view& bytes, std::uint64_t& field, std::string_view& value) {
    std::uint64_t tag = 0, length = 0;
    if (!take_varint(bytes, tag) || (tag & 7) != wire_length_delimited || !take_varint(bytes, length) ||
        length > bytes.size()) {
        return false;
    }
    field = tag >> 3;
    value = bytes.substr(0, length);
    bytes.remove_prefix(length);
    return true;
}

/// The fields of the entry, without its own tag and length.
std::string_view body_of(const EntryRun& entry) {
    if (entry.count != 1 || !entry.index) {
        return {};
    }
    std::string_view wire = entry.bytes(), body;
    std::uint64_t field = 0;
    return take_field(wire, field, body) ? body : std::string_view();
}

/// The value of the first header for which `wanted(key, value)` holds.
template <typename Wanted>
std::optional<std::string_view> find_header(const EntryRun& entry, Wanted&& wanted) {
    std::string_view fields = body_of(entry), header;
    std::uint64_t field = 0;
    while (take_field(fields, field, header)) {
        if (field != headers_field) {
            continue;
        }
        std::string_view part, key, value;
        std::uint64_t part_field = 0;
        while (take_field(header, part_field, part)) {
            (part_field == header_key_field ? key : part_field == header_value_field ? value : part) = part;
        }
        if (wanted(key, value)) {
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace

std::string_view entry_name(const EntryRun& entry) {
    std::string_view fields = body_of(entry), value, name;
    std::uint64_t field = 0;
    while (take_field(fields, field, value)) {
        if (field == name_field) {
            name = value;
        }
    }
    return name;
}

bool has_empty_payload(const EntryRun& entry) {
    std::string_view fields = body_of(entry), value;
    std::uint64_t field = 0;
    bool empty = entry.count == 1 && entry.index != nullptr;
    while (take_field(fields, field, value)) {
        empty = empty && (field != payload_field || value.empty());
    }
    return empty;
}

bool entry_has_header(const EntryRun& entry, std::string_view key, std::string_view value) {
    return find_header(entry, [&](std::string_view its_key,
                                  std::string_view its_value) { return its_key == key && its_value == value; })
        .has_value();
}

std::optional<std::string_view> entry_header(const EntryRun& entry, std::string_view key) {
    return find_header(entry, [&](std::string_view its_key, std::string_view) { return its_key == key; });
}

}  // namespace baton::core
