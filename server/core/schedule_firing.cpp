// Firing: which of the firings that are due append their message, and the append itself. The message and the record of
// the schedule are in one commit, so a crash sees both or none.
#include "server/core/limits.hpp"
#include "server/core/schedule.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <span>

namespace baton::core {

namespace {

/// The next firings of a schedule that are due now, as many as one step looks through.
struct Due {
    std::vector<TimeMs> firings;
    /// The first one that is not in `firings`.
    std::optional<TimeMs> next;
    bool more() const { return firings.size() == limits::firings_per_step_max; }
};

Due due_now(const Schedule& schedule, const ZoneSpan& zone, TimeMs now) {
    Due due;
    due.next = schedule.progress.next_at;
    while (due.next && due_time(schedule, *due.next) <= now && !due.more()) {
        due.firings.push_back(*due.next);
        due.next = firing_after(schedule.spec->timing, schedule.anchor_at, schedule.cron, zone, *due.next);
    }
    return due;
}

/// How many of the latest firings are not dropped as missed.
std::size_t kept(const State& state, const Schedule& schedule, const std::vector<TimeMs>& firings) {
    switch (schedule.spec->missed) {
        case MissedRuns::skip:
            return !firings.empty() && due_time(schedule, firings.back()) >= state.schedules.started_at ? 1 : 0;
        case MissedRuns::run_once:
            return std::min<std::size_t>(firings.size(), 1);
        case MissedRuns::run_all:
            break;
    }
    return std::min<std::size_t>(firings.size(), schedule.spec->missed_max);
}

bool used_up(const Schedule& schedule) {
    const std::uint64_t limit = schedule.spec->timing.limit;
    return limit != 0 && schedule.progress.fired >= limit;
}

void note_error(Schedule& schedule, std::string why, TimeMs now) {
    schedule.progress.last_error = std::move(why);
    schedule.progress.last_error_at = now;
    schedule.progress.skipped += 1;
}

/// One firing; false when it waits for a read and is to be tried again.
bool fire(State& state, Schedule& schedule, TimeMs firing_at, TimeMs now, Round& round) {
    const ScheduleSpec& spec = *schedule.spec;
    Queue* queue = target_queue(state, schedule);
    if (queue == nullptr) {
        note_error(schedule, no_such_queue(spec.queue).message, now);
        return true;
    }
    Request again;
    again.body = FireSchedule{schedule.id};
    // What a topic gets is never over: nothing overlaps there.
    const bool overlaps = spec.overlap != Overlap::queue && queue->kind == QueueKind::queue;
    if (overlaps && run_is_open(state, schedule)) {
        if (spec.overlap == Overlap::skip) {
            schedule.progress.skipped += 1;
            return true;
        }
        if (drop_open_run(state, schedule, again, round) == DropRun::reading) {
            schedule.waiting = true;
            return false;
        }
    }
    auto stored = append_scheduled(state, *queue, spec,
                                   std::make_shared<const ScheduledRun>(ScheduledRun{schedule.name, firing_at}), again,
                                   now, round);
    if (!stored) {
        schedule.waiting = true;
        return false;
    }
    if (auto* refusal = std::get_if<Refusal>(&*stored)) {
        note_error(schedule, std::move(refusal->message), now);
        return true;
    }
    schedule.progress.fired += 1;
    schedule.progress.last_firing_at = firing_at;
    schedule.progress.last_run_at = now;
    schedule.progress.last_error.clear();
    if (overlaps) {
        open_run(state, schedule, *queue, std::get<Offset>(*stored));
    }
    return true;
}

}  // namespace

Queue* target_queue(State& state, const Schedule& schedule) {
    for (auto& [name, space] : state.namespaces) {
        if (space.id == schedule.ns) {
            const auto found = space.queues.find(schedule.spec->queue);
            return found == space.queues.end() ? nullptr : found->second;
        }
    }
    return nullptr;
}

void fire_due(State& state, Schedule& schedule, TimeMs now, Round& round) {
    ScheduleProgress& progress = schedule.progress;
    if (progress.paused || progress.next_at == 0 || schedule.waiting) {
        return;
    }
    const std::string& name = schedule.spec->timing.zone;
    bool unknown = false;
    const ZoneSpan* zone =
        zone_for(state, name, progress.next_at - schedule.spec->timing.offset_ms, now, round, unknown);
    if (zone == nullptr) {
        schedule.waiting = true;
        state.schedules.zones[name].waiting.push_back(schedule.id);
        return;
    }
    const Due due = due_now(schedule, *zone, now);
    if (due.firings.empty()) {
        state.schedules.arm(schedule, due_time(schedule, progress.next_at));
        return;
    }
    state.schedules.touch(schedule);
    const std::size_t dropped = due.firings.size() - kept(state, schedule, due.firings);
    progress.skipped += dropped;
    if (due.more()) {
        // Those that are kept are among the latest, and these are not in sight yet.
        progress.next_at = dropped == due.firings.size() ? due.next.value_or(0) : due.firings[dropped];
        state.schedules.arm(schedule, now);
        return;
    }
    for (std::size_t i = dropped; i < due.firings.size() && !used_up(schedule); ++i) {
        progress.next_at = due.firings[i];
        if (!fire(state, schedule, due.firings[i], now, round)) {
            return;
        }
    }
    progress.next_at = used_up(schedule) ? 0 : due.next.value_or(0);
    if (progress.next_at != 0) {
        state.schedules.arm(schedule, due_time(schedule, progress.next_at));
    }
}

void run_schedules(State& state, TimeMs now, Round& round) {
    constexpr DurationMs full_disk_retry_ms = 1'000;
    auto& timers = state.schedules.timers;
    std::vector<ScheduleId> due;
    while (!timers.empty() && timers.begin()->first <= now && due.size() < limits::schedules_per_round_max) {
        due.push_back(timers.begin()->second);
        state.schedules.disarm(*state.schedules.find(due.back()));
    }
    for (const ScheduleId id : due) {
        Schedule& schedule = *state.schedules.find(id);
        if (state.storage_full) {
            state.schedules.arm(schedule, now + full_disk_retry_ms);
        } else {
            fire_due(state, schedule, now, round);
        }
    }
}

}  // namespace baton::core
