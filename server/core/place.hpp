#pragma once
// Where a message stands in its queue, and which lane record a key names.

#include "server/core/group_id.hpp"
#include "server/core/ids.hpp"

#include <compare>
#include <cstdint>
#include <tuple>

namespace baton::core {

/// Order of delivery. The rank is the priority, 0 for none; in a queue that ages, the ready time put back by a fixed
/// time per step of priority, so that waiting improves it and nothing is ever written anew. Within a rank what was
/// ready first goes first, and before that what asked to go in front (a negative ready time, the newest first); the
/// offset breaks ties.
struct Place {
    std::int64_t rank = 0;
    TimeMs ready_at = 0;
    Offset offset = 0;
    auto operator<=>(const Place&) const = default;
};

/// Key of a lane record. Timed: due time, then offset. Prioritized: its place. Grouped: its group, then its place.
/// Failed: the offset alone.
struct LaneKey {
    TimeMs at = 0;
    Offset offset = 0;
    std::int64_t rank = 0;
    GroupId group = {};
    bool operator==(const LaneKey&) const = default;
    std::strong_ordering operator<=>(const LaneKey& other) const {
        return std::tie(group, rank, at, offset) <=> std::tie(other.group, other.rank, other.at, other.offset);
    }
};

}  // namespace baton::core
