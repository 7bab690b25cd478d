// The records of schedules: writing what changed, and the schedules as their records tell them. The index of due times
// is rebuilt from the records at start.
#include "server/core/planted_bug.hpp"
#include "server/core/require.hpp"
#include "server/core/schedule.hpp"
#include "server/core/state.hpp"

#include <utility>

namespace baton::core {

Schedule* ScheduleTable::find(ScheduleId id) {
    const auto found = all.find(value(id));
    return found == all.end() ? nullptr : found->second.get();
}

void ScheduleTable::disarm(Schedule& schedule) {
    if (schedule.armed_at) {
        timers.erase({*schedule.armed_at, schedule.id});
        schedule.armed_at.reset();
    }
}

void ScheduleTable::arm(Schedule& schedule, TimeMs at) {
    disarm(schedule);
    schedule.armed_at = at;
    timers.emplace(at, schedule.id);
}

void ScheduleTable::touch(Schedule& schedule) {
    if (!schedule.dirty) {
        schedule.dirty = true;
        dirty.push_back(schedule.id);
    }
}

PutSchedule record_of(const Schedule& schedule) {
    return {schedule.ns,         schedule.id,        schedule.name, schedule.created_at,
            schedule.generation, schedule.anchor_at, schedule.spec};
}

void write_schedules(State& state, Round& round) {
    for (const ScheduleId id : std::exchange(state.schedules.dirty, {})) {
        Schedule* schedule = state.schedules.find(id);
        if (schedule == nullptr) {
            continue;
        }
        schedule->dirty = false;
        if (planted(PlantedBug::firing_not_recorded) && schedule->progress.fired % 4 == 3) {
            continue;
        }
        round.mutations.push_back(PutScheduleProgress{schedule->ns, schedule->id, schedule->progress});
    }
}

void restore_schedule(State& state, const Mutation& record) {
    ScheduleTable& schedules = state.schedules;
    const auto* put = std::get_if<PutSchedule>(&record);
    const auto* progress = std::get_if<PutScheduleProgress>(&record);
    const ScheduleId id = put != nullptr ? put->id : progress->id;
    auto& owned = schedules.all[value(id)];
    if (!owned) {
        owned = std::make_unique<Schedule>();
        owned->id = id;
    }
    if (put == nullptr) {
        owned->progress = progress->progress;
        return;
    }
    owned->ns = put->ns;
    owned->name = put->name;
    owned->created_at = put->created_at;
    owned->generation = put->generation;
    owned->anchor_at = put->anchor_at;
    owned->spec = put->spec;
    schedules.next_id = std::max(schedules.next_id, value(id) + 1);
}

void finish_restoring_schedules(State& state, TimeMs now) {
    ScheduleTable& schedules = state.schedules;
    schedules.started_at = now;
    for (auto& [number, schedule] : schedules.all) {
        require(schedule->spec != nullptr, "a schedule has its definition");
        schedules.by_name[{schedule->ns, schedule->name}] = schedule.get();
        schedules.entry_bytes += schedule->spec->entry.size_of(0);
        ScheduleProgress& progress = schedule->progress;
        if (!schedule->spec->timing.cron.empty()) {
            auto parsed = parse_cron(schedule->spec->timing.cron, cron_seed(schedule->name));
            require(std::holds_alternative<CronExpression>(parsed), "a stored pattern can be read");
            schedule->cron = std::get<CronExpression>(parsed);
        }
        if (progress.open) {
            if (Queue* queue = state.find(progress.open->queue)) {
                queue->scheduled_runs.add(progress.open->offset, schedule->id);
            }
        }
        if (progress.next_at != 0 && !progress.paused) {
            schedules.arm(*schedule, due_time(*schedule, progress.next_at));
        }
    }
}

}  // namespace baton::core
