#pragma once
// Where a message stands in its queue, and which lane record a key names.

#include "server/core/ids.hpp"

#include <compare>

namespace baton::core {

/// Order of delivery: what was ready first goes first; the offset breaks ties. (Priority will come before both.)
struct Place {
    TimeMs ready_at = 0;
    Offset offset = 0;
    auto operator<=>(const Place&) const = default;
};

/// Key of a record in the timed lane: due time, then offset.
struct LaneKey {
    TimeMs at = 0;
    Offset offset = 0;
    auto operator<=>(const LaneKey&) const = default;
};

}  // namespace baton::core
