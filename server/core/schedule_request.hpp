#pragma once
// What enters the core about schedules: a part of RequestBody.

#include "server/core/ids.hpp"
#include "server/core/schedule_timing.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace baton::core {

struct ScheduleSpec;

struct UpsertSchedule {
    std::string name;
    std::shared_ptr<const ScheduleSpec> spec;
    /// Only over this generation; 0 = only when there is no such schedule.
    std::optional<std::uint64_t> if_generation;
};
struct DeleteSchedule {
    std::string name;
};
struct ShowSchedule {
    std::string name;
};
struct ListSchedules {
    std::string prefix, after;
    std::uint32_t limit = 100;
};
struct PauseSchedule {
    std::string name;
    /// False: it goes on.
    bool paused = true;
};
/// A run besides those of the pattern, now. Answered by Produced.
struct RunSchedule {
    std::string name;
};
/// The next firings of a stored schedule, or of a timing.
struct PreviewSchedule {
    std::string name;
    std::optional<ScheduleTiming> timing;
    std::uint32_t count = 10;
};
/// The core's own: a firing goes on once what it waited for was read. No reply.
struct FireSchedule {
    ScheduleId id{};
};

}  // namespace baton::core
