#pragma once
// Making or changing a schedule in two steps, so that a transaction can do it together with other things. Included by
// the core's sources only.

#include "server/core/schedule.hpp"

#include <optional>

namespace baton::core {

/// What a checked upsert leads to; valid until the end of the call that prepared it.
struct PreparedUpsert {
    /// Null when there is none yet.
    Schedule* known = nullptr;
    /// It has this specification already.
    bool same = false;
    std::optional<CronExpression> cron;
    const ZoneSpan* zone = nullptr;
    TimeMs anchor_at = 0;
    /// The next firing is later than this.
    TimeMs after = 0;
};

/// False: `request`, that the upsert belongs to, was refused, or waits until its time zone is read.
bool prepare_upsert(State& state, Request& request, const UpsertSchedule& upsert, PreparedUpsert& out, TimeMs now,
                    Round& round);
ScheduleInfoPtr finish_upsert(State& state, const Request& request, const UpsertSchedule& upsert,
                              const PreparedUpsert& prepared, TimeMs now, Round& round);

}  // namespace baton::core
