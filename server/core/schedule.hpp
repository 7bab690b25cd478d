#pragma once
// Schedules as the core holds them, and the parts that their files share: times (schedule_times.cpp), what clients ask
// (schedule_requests.cpp, schedule_check.cpp), firing (schedule_firing.cpp), the last run (schedule_overlap.cpp), time
// zones (schedule_zones.cpp) and records (schedule_records.cpp). Included by the core's sources only.

#include "server/core/effect.hpp"
#include "server/core/mutation.hpp"
#include "server/core/refusal.hpp"
#include "server/core/schedule_table.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace baton::core {

struct Namespace;
struct Queue;
struct Round;
struct State;

/// Requests of the schedules' family.
inline bool is_schedule_request(const RequestBody& body) {
    return std::holds_alternative<UpsertSchedule>(body) || std::holds_alternative<DeleteSchedule>(body) ||
           std::holds_alternative<ShowSchedule>(body) || std::holds_alternative<ListSchedules>(body) ||
           std::holds_alternative<PauseSchedule>(body) || std::holds_alternative<RunSchedule>(body) ||
           std::holds_alternative<PreviewSchedule>(body) || std::holds_alternative<FireSchedule>(body);
}

void apply_schedule_request(State& state, Request&& request, TimeMs now, Round& round);  // schedule_requests.cpp
void preview_schedule(State& state, Request&& request, TimeMs now, Round& round);        // schedule_preview.cpp
ScheduleInfoPtr shown_schedule(const Schedule& schedule);                                // schedule_requests.cpp
/// Where a schedule goes on from; the zone is there. Nothing when the limit is used up.
void set_next(State& state, Schedule& schedule, const ZoneSpan& zone, TimeMs after);
/// Null when nothing was made in it.
const Namespace* namespace_of(const State& state, const std::string& ns);

// ---- schedule_times.cpp

/// The first firing later than `after`, or nothing when there is none.
std::optional<TimeMs> firing_after(const ScheduleTiming& timing, TimeMs anchor_at,
                                   const std::optional<CronExpression>& cron, const ZoneSpan& zone, TimeMs after);
/// When the firing at `firing_at` is due, with its jitter.
TimeMs due_time(const Schedule& schedule, TimeMs firing_at);
/// What H in a pattern is drawn from.
std::uint64_t cron_seed(const std::string& name);

// ---- schedule_check.cpp

std::optional<Refusal> check_schedule_name(const std::string& name, const char* field);
Schedule* find_schedule(State& state, const std::string& ns, const std::string& name);
Refusal no_such_schedule(const std::string& name);
Refusal no_such_zone(const std::string& zone);
/// Where an interval is anchored; it keeps its phase for as long as it is the same. `known` may be null.
TimeMs anchor_of(const ScheduleTiming& timing, const Schedule* known, TimeMs now);
/// On success `cron` holds the pattern, if there is one.
std::optional<Refusal> check_timing(const ScheduleTiming& timing, const std::string& name,
                                    std::optional<CronExpression>& cron);
std::optional<Refusal> check_spec(const ScheduleSpec& spec);

// ---- schedule_zones.cpp

/// The zone, when it covers all that is asked of it from `after` on; else null, and it is being read unless `unknown`.
const ZoneSpan* zone_for(State& state, const std::string& name, TimeMs after, TimeMs now, Round& round, bool& unknown);
void zone_arrived(State& state, const std::string& name, std::optional<ZoneSpan>&& span, TimeMs now, Round& round);

// ---- schedule_firing.cpp

/// The queue that it appends to, or null.
Queue* target_queue(State& state, const Schedule& schedule);
/// Fires what is due, up to the bound of a round.
void run_schedules(State& state, TimeMs now, Round& round);
/// Fires one schedule as far as it is due, and arms it for what comes next.
void fire_due(State& state, Schedule& schedule, TimeMs now, Round& round);

/// Appends the message of a firing; its offset, or why not. Nothing: `request` runs again once a read is back. (In
/// produce.cpp.)
std::optional<std::variant<Offset, Refusal>> append_scheduled(State& state, Queue& queue, const ScheduleSpec& spec,
                                                              std::shared_ptr<const ScheduledRun> run, Request& request,
                                                              TimeMs now, Round& round);

// ---- schedule_overlap.cpp

/// True while the message of the last firing is not done.
bool run_is_open(State& state, const Schedule& schedule);
enum class DropRun : std::uint8_t {
    dropped,
    /// It is at work, or delayed.
    stays,
    /// Its chunk is being read: `again` runs then.
    reading,
};
/// Takes the message of the last firing, which is open, out of its queue when it waits there.
DropRun drop_open_run(State& state, const Schedule& schedule, Request& again, Round& round);
void open_run(State& state, Schedule& schedule, Queue& queue, Offset offset);
/// Runs that have left this queue are done for their schedules.
void close_runs(State& state, Queue& queue);

// ---- schedule_records.cpp

/// The records of what changed in this round.
void write_schedules(State& state, Round& round);
void restore_schedule(State& state, const Mutation& record);
void finish_restoring_schedules(State& state, TimeMs now);
PutSchedule record_of(const Schedule& schedule);

}  // namespace baton::core
