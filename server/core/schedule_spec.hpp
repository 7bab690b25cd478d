#pragma once
// All that a client asks of a schedule: when, where to, and what is appended. Immutable once it is shared.

#include "server/core/request.hpp"
#include "server/core/schedule_timing.hpp"

#include <cstdint>
#include <string>

namespace baton::core {

/// What a firing does while the message of the last one is not done. Stored and sent: do not change these values.
enum class Overlap : std::uint8_t {
    /// Nothing; it counts as skipped.
    skip = 1,
    /// Appends all the same.
    queue = 2,
    /// Takes the place of the last one while that waits; behind one that runs, it is appended.
    replace = 3,
};
/// What becomes of firings that came due while the broker did not run. Stored and sent: do not change these values.
enum class MissedRuns : std::uint8_t {
    skip = 1,
    /// The latest one fires.
    run_once = 2,
    /// The latest ones fire, in order, up to a number.
    run_all = 3,
};

struct ScheduleSpec {
    std::string queue;
    ScheduleTiming timing;
    Overlap overlap = Overlap::skip;
    MissedRuns missed = MissedRuns::run_once;
    /// run_all: how many at most.
    std::uint32_t missed_max = 0;
    /// What is appended: exactly one entry.
    EntryRun entry;
    EntryOptions options;
};
bool same_spec(const ScheduleSpec& a, const ScheduleSpec& b);

}  // namespace baton::core
