#pragma once
// The identity of a message that a schedule made. A plain value.

#include "server/core/ids.hpp"

#include <string>

namespace baton::core {

/// The firing of a schedule that made a message.
struct ScheduledRun {
    std::string schedule;
    /// When the schedule says that it was due, without jitter; in broker time.
    TimeMs firing_at = 0;
    bool operator==(const ScheduledRun&) const = default;
};

}  // namespace baton::core
