#include "proto/entry_format.hpp"

#include <xxhash.h>

namespace baton::proto {

namespace {

constexpr std::uint32_t wire_varint = 0, wire_fixed64 = 1, wire_bytes = 2, wire_fixed32 = 5;

/// One field of a message: calls `bytes_field(number, value)` for length-delimited ones, skips the rest.
template <typename BytesField>
bool walk_fields(std::string_view body, BytesField&& bytes_field) {
    std::size_t pos = 0;
    while (pos < body.size()) {
        std::uint64_t tag = 0;
        if (!read_short_varint(body, pos, tag) || tag >> 3 == 0 || tag >> 3 > 0x1FFFFFFF) {
            return false;
        }
        const auto wire_type = static_cast<std::uint32_t>(tag & 7);
        if (wire_type != wire_bytes) {
            if (!skip_field(body, pos, wire_type)) {
                return false;
            }
            continue;
        }
        std::uint64_t length = 0;
        if (!read_short_varint(body, pos, length) || length > body.size() - pos) {
            return false;
        }
        if (!bytes_field(tag >> 3, body.substr(pos, length))) {
            return false;
        }
        pos += length;
    }
    return true;
}

bool read_header(std::string_view body, HeaderView& out) {
    return walk_fields(body, [&](std::uint64_t field, std::string_view value) {
        if (field == 1) {
            out.key = value;
            return is_utf8(value);
        }
        if (field == 2) {
            out.value = value;
        }
        return true;
    });
}

}  // namespace

bool is_utf8(std::string_view text) {
    std::size_t i = 0;
    const auto at = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
    const auto tail = [&](std::size_t k) { return k < text.size() && (at(k) & 0xC0) == 0x80; };
    while (i < text.size()) {
        const unsigned char c = at(i);
        if (c < 0x80) {
            i += 1;
        } else if (c >= 0xC2 && c <= 0xDF && tail(i + 1)) {
            i += 2;
        } else if ((c & 0xF0) == 0xE0 && tail(i + 1) && tail(i + 2) && !(c == 0xE0 && at(i + 1) < 0xA0) &&
                   !(c == 0xED && at(i + 1) > 0x9F)) {
            i += 3;
        } else if (c >= 0xF0 && c <= 0xF4 && tail(i + 1) && tail(i + 2) && tail(i + 3) &&
                   !(c == 0xF0 && at(i + 1) < 0x90) && !(c == 0xF4 && at(i + 1) > 0x8F)) {
            i += 4;
        } else {
            return false;
        }
    }
    return true;
}

bool read_varint(std::string_view bytes, std::size_t& pos, std::uint64_t& out) {
    out = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (pos >= bytes.size()) {
            return false;
        }
        const auto byte = static_cast<unsigned char>(bytes[pos++]);
        out |= static_cast<std::uint64_t>(byte & 0x7F) << (shift < 64 ? shift : 63);
        if (byte < 0x80) {
            return shift < 63 || byte <= 1;
        }
    }
    return false;
}

bool read_short_varint(std::string_view bytes, std::size_t& pos, std::uint64_t& out) {
    constexpr std::size_t bytes_max = 5;
    const std::size_t begin = pos;
    return read_varint(bytes, pos, out) && pos - begin <= bytes_max && out <= UINT32_MAX;
}

std::size_t write_varint(std::uint64_t value, char* out) {
    std::size_t n = 0;
    while (value >= 0x80) {
        out[n++] = static_cast<char>(value | 0x80);
        value >>= 7;
    }
    out[n++] = static_cast<char>(value);
    return n;
}

std::size_t varint_bytes(std::uint64_t value) {
    std::size_t n = 1;
    while (value >= 0x80) {
        value >>= 7;
        ++n;
    }
    return n;
}

bool skip_field(std::string_view bytes, std::size_t& pos, std::uint32_t wire_type) {
    std::uint64_t length = 0;
    switch (wire_type) {
        case wire_varint:
            return read_varint(bytes, pos, length);
        case wire_fixed64:
            length = 8;
            break;
        case wire_bytes:
            if (!read_short_varint(bytes, pos, length)) {
                return false;
            }
            break;
        case wire_fixed32:
            length = 4;
            break;
        default:
            return false;
    }
    if (length > bytes.size() - pos) {
        return false;
    }
    pos += length;
    return true;
}

std::optional<EntryView> read_entry(std::string_view body) {
    EntryView entry;
    const bool ok = walk_fields(body, [&](std::uint64_t field, std::string_view value) {
        if (field == 1) {
            entry.payload = value;
        } else if (field == 2) {
            entry.name = value;
            return is_utf8(value);
        } else if (field == 3) {
            return read_header(value, entry.headers.emplace_back());
        }
        return true;
    });
    if (!ok) {
        return std::nullopt;
    }
    return entry;
}

EntryFault check_entry(std::string_view body, const EntryLimits& limits) {
    std::size_t name_bytes = 0, headers_bytes = 0;
    std::uint32_t headers = 0;
    const bool ok = walk_fields(body, [&](std::uint64_t field, std::string_view value) {
        if (field == 2) {
            name_bytes = value.size();
            return is_utf8(value);
        }
        if (field == 3) {
            HeaderView header;
            headers += 1;
            headers_bytes += value.size();
            return read_header(value, header);
        }
        return true;
    });
    if (!ok) {
        return EntryFault::malformed;
    }
    if (name_bytes > limits.name_bytes_max) {
        return EntryFault::name_too_long;
    }
    if (headers > limits.headers_max) {
        return EntryFault::too_many_headers;
    }
    return headers_bytes > limits.headers_bytes_max ? EntryFault::headers_too_large : EntryFault::ok;
}

std::uint32_t entry_checksum(std::string_view wire) {
    return static_cast<std::uint32_t>(XXH3_64bits(wire.data(), wire.size()));
}

}  // namespace baton::proto
