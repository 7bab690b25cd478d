#include "server/core/schedule_upsert.hpp"

#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace baton::core {

namespace {

std::optional<Refusal> check_room(const State& state, const Schedule* known, const ScheduleSpec& spec) {
    const std::size_t before = known == nullptr ? 0 : known->spec->entry.size_of(0);
    if (known == nullptr && state.schedules.all.size() >= limits::schedules_max) {
        return Refusal{RefusalCode::too_many_schedules, "there are too many schedules", "", limits::schedules_max};
    }
    if (state.schedules.entry_bytes - before + spec.entry.size_of(0) > limits::schedule_bytes_total_max) {
        return Refusal{RefusalCode::too_many_schedules, "the entries of all schedules have too many bytes",
                       "schedule.entry", limits::schedule_bytes_total_max};
    }
    return std::nullopt;
}

std::optional<Refusal> check_upsert(State& state, const Request& request, const UpsertSchedule& upsert,
                                    const Schedule* known, std::optional<CronExpression>& cron) {
    const ScheduleSpec& spec = *upsert.spec;
    auto fault = check_schedule_name(upsert.name, "name");
    fault = fault ? fault : check_timing(spec.timing, upsert.name, cron);
    fault = fault ? fault : check_spec(spec);
    if (!fault && state.find(request.ns, spec.queue) == nullptr) {
        fault = no_such_queue(spec.queue);
        fault->field = "schedule.queue";
    }
    if (!fault && upsert.if_generation && *upsert.if_generation != (known == nullptr ? 0 : known->generation)) {
        fault = Refusal{
            RefusalCode::schedule_changed,
            known == nullptr ? "there is no such schedule" : "its generation is " + std::to_string(known->generation),
            "if_generation"};
    }
    return fault ? fault : check_room(state, known, spec);
}

Schedule& create(State& state, const Request& request, const std::string& name, TimeMs now) {
    auto owned = std::make_unique<Schedule>();
    Schedule& schedule = *owned;
    schedule.ns = namespace_of(state, request.ns)->id;
    schedule.id = ScheduleId{state.schedules.next_id++};
    schedule.name = name;
    schedule.created_at = now;
    schedule.generation = 0;
    state.shard_dirty = true;
    state.schedules.all.emplace(value(schedule.id), std::move(owned));
    state.schedules.by_name.emplace(std::pair(schedule.ns, name), &schedule);
    return schedule;
}

}  // namespace

bool prepare_upsert(State& state, Request& request, const UpsertSchedule& upsert, PreparedUpsert& out, TimeMs now,
                    Round& round) {
    Schedule* known = find_schedule(state, request.ns, upsert.name);
    if (auto fault = check_upsert(state, request, upsert, known, out.cron)) {
        reply(request, std::move(*fault), round);
        return false;
    }
    out.known = known;
    out.same = known != nullptr && same_spec(*known->spec, *upsert.spec);
    if (out.same) {
        return true;
    }
    const ScheduleTiming& timing = upsert.spec->timing;
    out.anchor_at = anchor_of(timing, known, now);
    // A new interval without an anchor of its own fires at once; all else goes on behind now and the last firing.
    const bool at_once = known == nullptr && timing.cron.empty() && !timing.anchor;
    out.after = std::max(at_once ? now - 1 : now, known == nullptr ? 0 : known->progress.last_firing_at);
    bool unknown = false;
    const TimeMs from = std::max(out.after, timing.start_at) - timing.offset_ms;
    out.zone = zone_for(state, timing.zone, from, now, round, unknown);
    if (out.zone == nullptr) {
        unknown ? reply(request, no_such_zone(timing.zone), round)
                : state.schedules.waiting.push_back(std::move(request));
    }
    return out.zone != nullptr;
}

ScheduleInfoPtr finish_upsert(State& state, const Request& request, const UpsertSchedule& upsert,
                              const PreparedUpsert& prepared, TimeMs now, Round& round) {
    if (prepared.same) {
        return shown_schedule(*prepared.known);
    }
    const bool fresh = prepared.known == nullptr;
    const bool new_timing = fresh || prepared.known->spec->timing != upsert.spec->timing;
    Schedule& schedule = fresh ? create(state, request, upsert.name, now) : *prepared.known;
    if (!fresh) {
        state.schedules.entry_bytes -= schedule.spec->entry.size_of(0);
    }
    schedule.generation += 1;
    schedule.spec = upsert.spec;
    schedule.cron = prepared.cron;
    state.schedules.entry_bytes += schedule.spec->entry.size_of(0);
    if (new_timing) {
        schedule.anchor_at = prepared.anchor_at;
        set_next(state, schedule, *prepared.zone, prepared.after);
    }
    state.schedules.touch(schedule);
    round.mutations.push_back(record_of(schedule));
    round.needs_sync = true;
    return shown_schedule(schedule);
}

}  // namespace baton::core
