#pragma once
// When a schedule fires, and the facts that its firings leave behind. Values; the behaviour is in the files named
// schedule_*.

#include "server/core/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace baton::core {

/// When a schedule fires: by a cron pattern in a time zone, or each so many milliseconds from an anchor on.
struct ScheduleTiming {
    /// Empty: by interval.
    std::string cron;
    /// A name of the tz database; empty = UTC.
    std::string zone;
    DurationMs every_ms = 0;
    /// A time that the interval goes through. Absent: the start, or else when the schedule came to be.
    std::optional<TimeMs> anchor;
    /// No firing before, and none after; 0 = no bound.
    TimeMs start_at = 0;
    TimeMs end_at = 0;
    /// So many firings in all; 0 = no bound.
    std::uint64_t limit = 0;
    /// Each firing is late by a part of this that its time and the schedule decide.
    DurationMs jitter_ms = 0;
    /// Each firing is this much later than the pattern says.
    DurationMs offset_ms = 0;
    bool operator==(const ScheduleTiming&) const = default;
};

/// The last message of a schedule, while it is not done: what overlap looks at.
struct OpenRun {
    QueueId queue{};
    Offset offset = 0;
    std::uint32_t bytes = 0;
    bool operator==(const OpenRun&) const = default;
};

/// What changes with each firing: one small record on disk.
struct ScheduleProgress {
    /// The firing that comes next, without its jitter; 0 = none.
    TimeMs next_at = 0;
    bool paused = false;
    std::uint64_t fired = 0;
    std::uint64_t skipped = 0;
    /// The last firing that appended a message: its time by the pattern, and when it happened.
    TimeMs last_firing_at = 0;
    TimeMs last_run_at = 0;
    std::optional<OpenRun> open;
    /// Why a firing could not append its message; empty = the last one could.
    std::string last_error;
    TimeMs last_error_at = 0;
    bool operator==(const ScheduleProgress&) const = default;
};

}  // namespace baton::core
