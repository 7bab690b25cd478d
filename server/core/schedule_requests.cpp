// What clients ask of schedules: upsert, delete, show, list, pause, run now, preview. Requests wait in order behind a
// time zone that is being read.
#include "server/core/schedule_upsert.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

namespace {

ScheduleInfo info_of(const Schedule& schedule, bool with_entry) {
    ScheduleInfo info{schedule.name,
                      schedule.generation,
                      schedule.created_at,
                      schedule.anchor_at,
                      schedule.spec,
                      schedule.progress,
                      0,
                      with_entry};
    if (schedule.progress.paused) {
        info.progress.next_at = 0;
    }
    if (info.progress.next_at != 0) {
        info.next_due_at = due_time(schedule, info.progress.next_at);
    }
    return info;
}

void upsert_schedule(State& state, Request&& request, TimeMs now, Round& round) {
    const UpsertSchedule upsert = std::get<UpsertSchedule>(request.body);
    PreparedUpsert prepared;
    if (prepare_upsert(state, request, upsert, prepared, now, round)) {
        reply(request, finish_upsert(state, request, upsert, prepared, now, round), round);
    }
}

void delete_schedule(State& state, const Request& request, Schedule& schedule, Round& round) {
    state.schedules.disarm(schedule);
    if (const auto& open = schedule.progress.open) {
        if (Queue* queue = state.find(open->queue)) {
            queue->scheduled_runs.forget(open->offset);
        }
    }
    state.schedules.entry_bytes -= schedule.spec->entry.size_of(0);
    round.mutations.push_back(RemoveSchedule{schedule.ns, schedule.id});
    round.needs_sync = true;
    state.schedules.by_name.erase({schedule.ns, schedule.name});
    state.schedules.all.erase(value(schedule.id));
    reply(request, Done{}, round);
}

void pause_schedule(State& state, Request&& request, Schedule& schedule, TimeMs now, Round& round) {
    const bool paused = std::get<PauseSchedule>(request.body).paused;
    if (paused == schedule.progress.paused) {
        reply(request, shown_schedule(schedule), round);
        return;
    }
    if (paused) {
        schedule.progress.paused = true;
        state.schedules.disarm(schedule);
    } else {
        const TimeMs after = std::max(now, schedule.progress.last_firing_at);
        const std::string& name = schedule.spec->timing.zone;
        bool unknown = false;
        const ZoneSpan* zone = zone_for(state, name, after - schedule.spec->timing.offset_ms, now, round, unknown);
        if (zone == nullptr) {
            unknown ? reply(request, no_such_zone(name), round) : state.schedules.waiting.push_back(std::move(request));
            return;
        }
        // What came due in between is not made up for.
        schedule.progress.paused = false;
        set_next(state, schedule, *zone, after);
    }
    state.schedules.touch(schedule);
    round.needs_sync = true;
    reply(request, shown_schedule(schedule), round);
}

void run_schedule(State& state, Request&& request, Schedule& schedule, TimeMs now, Round& round) {
    Queue* queue = target_queue(state, schedule);
    if (queue == nullptr) {
        reply(request, no_such_queue(schedule.spec->queue), round);
        return;
    }
    if (state.storage_full) {
        reply(request, Refusal{RefusalCode::storage_full, "the disk is nearly full", "", 0, true, 5'000}, round);
        return;
    }
    auto stored =
        append_scheduled(state, *queue, *schedule.spec,
                         std::make_shared<const ScheduledRun>(ScheduledRun{schedule.name, now}), request, now, round);
    if (!stored) {
        return;
    }
    if (auto* refusal = std::get_if<Refusal>(&*stored)) {
        reply(request, std::move(*refusal), round);
        return;
    }
    reply(request, Produced{queue->id, std::get<Offset>(*stored), 1, false, queue->settings.durability, {}}, round);
}

void list_schedules(State& state, const Request& request, Round& round) {
    const ListSchedules& list = std::get<ListSchedules>(request.body);
    ScheduleList out;
    if (const Namespace* space = namespace_of(state, request.ns)) {
        const auto& all = state.schedules.by_name;
        auto next = list.after < list.prefix ? all.lower_bound({space->id, list.prefix})
                                             : all.upper_bound({space->id, list.after});
        for (; next != all.end() && next->first.first == space->id && next->first.second.starts_with(list.prefix);
             ++next) {
            if (out.schedules.size() == list.limit) {
                out.next = out.schedules.back().name;
                break;
            }
            out.schedules.push_back(info_of(*next->second, false));
        }
    }
    reply(request, std::move(out), round);
}

void apply_to_known(State& state, Request&& request, const std::string& name, TimeMs now, Round& round) {
    Schedule* schedule = find_schedule(state, request.ns, name);
    if (schedule == nullptr) {
        reply(request, no_such_schedule(name), round);
    } else if (std::holds_alternative<DeleteSchedule>(request.body)) {
        delete_schedule(state, request, *schedule, round);
    } else if (std::holds_alternative<PauseSchedule>(request.body)) {
        pause_schedule(state, std::move(request), *schedule, now, round);
    } else if (std::holds_alternative<RunSchedule>(request.body)) {
        run_schedule(state, std::move(request), *schedule, now, round);
    } else {
        reply(request, shown_schedule(*schedule), round);
    }
}

std::string name_in(const RequestBody& body) {
    if (const auto* gone = std::get_if<DeleteSchedule>(&body)) {
        return gone->name;
    }
    if (const auto* pause = std::get_if<PauseSchedule>(&body)) {
        return pause->name;
    }
    if (const auto* run = std::get_if<RunSchedule>(&body)) {
        return run->name;
    }
    return std::get<ShowSchedule>(body).name;
}

}  // namespace

const Namespace* namespace_of(const State& state, const std::string& ns) {
    const auto found = state.namespaces.find(ns.empty() ? "default" : ns);
    return found == state.namespaces.end() ? nullptr : &found->second;
}

ScheduleInfoPtr shown_schedule(const Schedule& schedule) {
    return std::make_shared<const ScheduleInfo>(info_of(schedule, true));
}

void set_next(State& state, Schedule& schedule, const ZoneSpan& zone, TimeMs after) {
    ScheduleProgress& progress = schedule.progress;
    const ScheduleTiming& timing = schedule.spec->timing;
    const bool used_up = timing.limit != 0 && progress.fired >= timing.limit;
    progress.next_at = used_up ? 0 : firing_after(timing, schedule.anchor_at, schedule.cron, zone, after).value_or(0);
    state.schedules.disarm(schedule);
    if (progress.next_at != 0 && !progress.paused) {
        state.schedules.arm(schedule, due_time(schedule, progress.next_at));
    }
    state.schedules.touch(schedule);
}

Schedule* find_schedule(State& state, const std::string& ns, const std::string& name) {
    const Namespace* space = namespace_of(state, ns);
    const auto found =
        space == nullptr ? state.schedules.by_name.end() : state.schedules.by_name.find({space->id, name});
    return found == state.schedules.by_name.end() ? nullptr : found->second;
}

Refusal no_such_schedule(const std::string& name) {
    return {RefusalCode::schedule_not_found, "there is no schedule named '" + name + "'", "name"};
}

Refusal no_such_zone(const std::string& zone) {
    return invalid("schedule.zone", "there is no time zone named '" + zone + "'");
}

TimeMs anchor_of(const ScheduleTiming& timing, const Schedule* known, TimeMs now) {
    if (timing.anchor) {
        return *timing.anchor;
    }
    if (timing.start_at != 0) {
        return timing.start_at;
    }
    const bool same = known != nullptr && known->spec->timing.every_ms == timing.every_ms &&
                      !known->spec->timing.anchor && known->spec->timing.start_at == 0;
    return same ? known->anchor_at : now;
}

void apply_schedule_request(State& state, Request&& request, TimeMs now, Round& round) {
    if (const auto* fire = std::get_if<FireSchedule>(&request.body)) {
        if (Schedule* schedule = state.schedules.find(fire->id)) {
            schedule->waiting = false;
            fire_due(state, *schedule, now, round);
        }
        return;
    }
    if (state.schedules.zone_reads != 0) {
        state.schedules.waiting.push_back(std::move(request));
    } else if (std::holds_alternative<UpsertSchedule>(request.body)) {
        upsert_schedule(state, std::move(request), now, round);
    } else if (std::holds_alternative<PreviewSchedule>(request.body)) {
        preview_schedule(state, std::move(request), now, round);
    } else if (std::holds_alternative<ListSchedules>(request.body)) {
        list_schedules(state, request, round);
    } else {
        const std::string name = name_in(request.body);
        apply_to_known(state, std::move(request), name, now, round);
    }
}

}  // namespace baton::core
