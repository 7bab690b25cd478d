#pragma once
// Work on many messages of a queue, carried out a slice at a time between other requests. Owned by the read that brings
// the next slice.

#include "server/core/effect.hpp"
#include "server/core/ids.hpp"
#include "server/core/place.hpp"
#include "server/core/request.hpp"

#include <cstddef>
#include <cstdint>

namespace baton::core {

/// Moves messages between queues or states in slices, one step a read.
struct Task {
    Request origin;
    QueueId queue{};
    std::uint32_t generation = 0;
    /// Of the completed set.
    std::uint32_t completed_generation = 0;
    /// Where to go on, and where to stop.
    Offset from = 0;
    Offset upto = 0;
    std::size_t listed_done = 0;
    Counted counted;
    /// How many that wait in their place are still to be promoted.
    std::uint64_t in_place = 0;
    /// Which lane is gone through.
    Lane lane = Lane::prioritized;
    /// Where to go on in a lane, and since when what a read finds there holds.
    LaneKey lane_from;
    std::uint64_t version = 0;
};

}  // namespace baton::core
