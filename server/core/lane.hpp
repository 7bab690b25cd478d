#pragma once
// The lanes: where the records of messages are that have left the log of their queue. Plain values.

#include <cstdint>

namespace baton::core {

/// Which record family a lane record belongs to. Stored on disk: do not change these values.
enum class Lane : std::uint8_t {
    /// Delayed and to be retried; ordered by (due time, offset).
    timed = 1,
    /// The failed set; ordered by offset.
    failed = 2,
    /// Ready, with a priority or to go in front; ordered by place.
    prioritized = 3,
    /// Ready, of a group; ordered by group, then place.
    grouped = 4,
    /// The completed set; ordered by offset.
    completed = 5,
    /// Parents of flows that wait for children; ordered by offset.
    waiting_children = 6,
};

}  // namespace baton::core
