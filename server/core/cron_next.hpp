#pragma once
// When a cron pattern fires next, in a time zone given as its changes of offset. Pure; any thread.
//
// Where a clock is put forward, a pattern of every hour skips the hour that is missing; one that names its hours fires
// by as much later as the clock was moved (02:30 at 03:30). Where it is put back, the former fires in both passes, the
// latter in the first only.

#include "server/core/cron_expression.hpp"
#include "server/core/ids.hpp"

#include <cstdint>
#include <vector>

namespace baton::core {

/// What a zone's clocks show from `from` up to `until`: UTC plus an offset that changes at times.
struct ZoneSpan {
    struct Change {
        TimeMs at = 0;
        std::int32_t offset_s = 0;
        bool operator==(const Change&) const = default;
    };
    TimeMs from = 0;
    TimeMs until = 0;
    /// The offset at `from`.
    std::int32_t offset_s = 0;
    /// Ascending, between from and until; a change to the same offset is allowed.
    std::vector<Change> changes;
    bool operator==(const ZoneSpan&) const = default;
};

/// The zone without changes, for all times.
const ZoneSpan& utc_zone();

/// A pattern with no match for so long has none.
inline constexpr DurationMs cron_search_ms_max = 110LL * 366 * 24 * 3600 * 1000;

struct CronNext {
    enum class Outcome : std::uint8_t {
        found,
        /// Nothing within cron_search_ms_max.
        never,
        /// Nothing before the end of the span: ask again with a longer one.
        span_used_up,
    };
    Outcome outcome = Outcome::never;
    TimeMs at = 0;
};

/// The first firing later than `after`, a whole second. `after` is not before the span's start; changes within the two
/// days before it must be in the span, for what they shift.
CronNext next_after(const CronExpression& expression, const ZoneSpan& zone, TimeMs after);

}  // namespace baton::core
