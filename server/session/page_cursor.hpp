#pragma once
// Where a listing goes on, as the opaque bytes that clients hand back: time and offset, both big-endian, and
// behind them the rank where it is not 0, or the rank and the group.

#include "server/core/group_id.hpp"
#include "server/core/ids.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baton::session {

struct PageCursor {
    core::TimeMs at = 0;
    core::Offset offset = 0;
    std::int64_t rank = 0;
    core::GroupId group = {};
};
std::string write_cursor(const PageCursor& cursor);
/// Empty bytes are the start. Nothing when they were not made by write_cursor.
std::optional<PageCursor> read_cursor(std::string_view bytes);

/// Where a listing over several states goes on: the state, then as above.
struct ListingCursor {
    core::MessageState state{};
    PageCursor page;
};
std::string write_listing_cursor(const ListingCursor& cursor);
std::optional<ListingCursor> read_listing_cursor(std::string_view bytes);

/// Where a listing of groups goes on.
std::string write_group_cursor(const core::GroupId& group);
std::optional<core::GroupId> read_group_cursor(std::string_view bytes);

/// Where a listing of consumers goes on.
std::string write_consumer_cursor(const core::ConsumerPlace& place);
std::optional<core::ConsumerPlace> read_consumer_cursor(std::string_view bytes);

}  // namespace baton::session
