#pragma once
// All schedules in memory, and the time zones that they need. Included by the core's sources only.

#include "server/core/cron_expression.hpp"
#include "server/core/cron_next.hpp"
#include "server/core/request.hpp"
#include "server/core/schedule_spec.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace baton::core {

struct Schedule {
    // ---- on disk
    NamespaceId ns{};
    ScheduleId id{};
    std::string name;
    TimeMs created_at = 0;
    std::uint64_t generation = 1;
    TimeMs anchor_at = 0;
    std::shared_ptr<const ScheduleSpec> spec;
    ScheduleProgress progress;

    // ---- memory only
    /// Nothing for an interval.
    std::optional<CronExpression> cron;
    std::optional<TimeMs> armed_at;
    bool dirty = false;
    /// A read stands between it and its firing.
    bool waiting = false;
};

struct Zone {
    std::optional<ZoneSpan> span;
    bool reading = false;
    /// Schedules that fire once it is there.
    std::vector<ScheduleId> waiting;
};

/// A zone is being read.
struct LoadZone {
    std::string name;
};

struct ScheduleTable {
    std::uint64_t next_id = 1;
    /// Lookups only: its order never reaches an output.
    std::unordered_map<std::uint64_t, std::unique_ptr<Schedule>> all;
    std::map<std::pair<NamespaceId, std::string>, Schedule*> by_name;
    std::set<std::pair<TimeMs, ScheduleId>> timers;
    std::vector<ScheduleId> dirty;
    std::size_t entry_bytes = 0;
    /// What came due before this, came due while the broker did not run.
    TimeMs started_at = 0;

    std::map<std::string, Zone, std::less<>> zones;
    std::uint32_t zone_reads = 0;
    /// Requests behind a zone that is being read, in order.
    std::vector<Request> waiting;
    /// Zones that were asked for in vain, for the requests that run again now.
    std::set<std::string, std::less<>> unknown_zones;

    Schedule* find(ScheduleId id);
    void arm(Schedule& schedule, TimeMs at);
    void disarm(Schedule& schedule);
    /// Its progress is to be written in this round.
    void touch(Schedule& schedule);
};

}  // namespace baton::core
