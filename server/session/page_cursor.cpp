#include "server/session/page_cursor.hpp"

namespace baton::session {

namespace {
void put_big_endian(std::uint64_t value, std::string& out) {
    for (int shift = 56; shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>(value >> shift));
    }
}
std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes) {
        value = value << 8 | static_cast<unsigned char>(byte);
    }
    return value;
}
}  // namespace

std::string write_cursor(const PageCursor& cursor) {
    std::string bytes;
    bytes.reserve(40);
    put_big_endian(static_cast<std::uint64_t>(cursor.at), bytes);
    put_big_endian(cursor.offset, bytes);
    if (cursor.rank != 0 || cursor.group.any()) {
        put_big_endian(static_cast<std::uint64_t>(cursor.rank), bytes);
    }
    if (cursor.group.any()) {
        put_big_endian(cursor.group.high, bytes);
        put_big_endian(cursor.group.low, bytes);
    }
    return bytes;
}

std::optional<PageCursor> read_cursor(std::string_view bytes) {
    if (bytes.empty()) {
        return PageCursor{};
    }
    if (bytes.size() != 16 && bytes.size() != 24 && bytes.size() != 40) {
        return std::nullopt;
    }
    return PageCursor{static_cast<core::TimeMs>(big_endian(bytes.substr(0, 8))), big_endian(bytes.substr(8, 8)),
                      static_cast<std::int64_t>(big_endian(bytes.substr(16, 8))),
                      bytes.size() < 40 ? core::GroupId{}
                                        : core::GroupId{big_endian(bytes.substr(24, 8)), big_endian(bytes.substr(32))}};
}

std::string write_listing_cursor(const ListingCursor& cursor) {
    return static_cast<char>(cursor.state) + write_cursor(cursor.page);
}

std::optional<ListingCursor> read_listing_cursor(std::string_view bytes) {
    const auto last = static_cast<std::uint8_t>(core::MessageState::waiting_children);
    const auto state = bytes.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(bytes.front());
    if (state == 0 || state > last) {
        return std::nullopt;
    }
    const auto page = read_cursor(bytes.substr(1));
    return page ? std::optional(ListingCursor{static_cast<core::MessageState>(state), *page}) : std::nullopt;
}

std::string write_group_cursor(const core::GroupId& group) {
    std::string bytes;
    put_big_endian(group.high, bytes);
    put_big_endian(group.low, bytes);
    return bytes;
}

std::optional<core::GroupId> read_group_cursor(std::string_view bytes) {
    if (bytes.size() != 16) {
        return std::nullopt;
    }
    return core::GroupId{big_endian(bytes.substr(0, 8)), big_endian(bytes.substr(8))};
}

std::string write_consumer_cursor(const core::ConsumerPlace& place) {
    std::string bytes;
    put_big_endian(core::value(place.session), bytes);
    put_big_endian(core::value(place.consumer), bytes);
    return bytes;
}

std::optional<core::ConsumerPlace> read_consumer_cursor(std::string_view bytes) {
    if (bytes.size() != 16) {
        return std::nullopt;
    }
    return core::ConsumerPlace{core::SessionId{big_endian(bytes.substr(0, 8))},
                               core::ConsumerId{big_endian(bytes.substr(8))}};
}

}  // namespace baton::session
