#pragma once
// What the core says about schedules: a part of ReplyBody.

#include "server/core/ids.hpp"
#include "server/core/schedule_timing.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace baton::core {

struct ScheduleSpec;

struct ScheduleInfo {
    std::string name;
    std::uint64_t generation = 0;
    TimeMs created_at = 0;
    TimeMs anchor_at = 0;
    std::shared_ptr<const ScheduleSpec> spec;
    ScheduleProgress progress;
    /// The next firing with its jitter; 0 = none.
    TimeMs next_due_at = 0;
    /// False in lists.
    bool with_entry = true;
};
using ScheduleInfoPtr = std::shared_ptr<const ScheduleInfo>;
struct ScheduleList {
    std::vector<ScheduleInfo> schedules;
    std::string next;
};
struct ScheduleTimes {
    struct Firing {
        TimeMs at = 0;
        /// What the clock of the zone is ahead of UTC then.
        std::int32_t offset_s = 0;
    };
    std::vector<Firing> firings;
};

}  // namespace baton::core
