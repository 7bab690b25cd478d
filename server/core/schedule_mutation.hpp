#pragma once
// What a round changes on disk about schedules: a part of Mutation.

#include "server/core/ids.hpp"
#include "server/core/schedule_timing.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace baton::core {

struct ScheduleSpec;

/// What was asked of a schedule; changes with each upsert that says something new.
struct PutSchedule {
    NamespaceId ns{};
    ScheduleId id{};
    std::string name;
    TimeMs created_at = 0;
    std::uint64_t generation = 1;
    /// Where the interval of an `every` schedule is anchored.
    TimeMs anchor_at = 0;
    std::shared_ptr<const ScheduleSpec> spec;
};
/// Written in the commit that holds the message of a firing.
struct PutScheduleProgress {
    NamespaceId ns{};
    ScheduleId id{};
    ScheduleProgress progress;
};
/// Both records of a schedule.
struct RemoveSchedule {
    NamespaceId ns{};
    ScheduleId id{};
};

}  // namespace baton::core
