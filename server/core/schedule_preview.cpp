// The next firings of a stored schedule, or of a timing that is only looked at.
#include "server/core/schedule.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

namespace {

std::int32_t offset_at(const ZoneSpan& zone, TimeMs at) {
    std::int32_t offset_s = zone.offset_s;
    for (const ZoneSpan::Change& change : zone.changes) {
        offset_s = change.at <= at ? change.offset_s : offset_s;
    }
    return offset_s;
}

}  // namespace

void preview_schedule(State& state, Request&& request, TimeMs now, Round& round) {
    const PreviewSchedule& wanted = std::get<PreviewSchedule>(request.body);
    const Schedule* schedule = wanted.timing ? nullptr : find_schedule(state, request.ns, wanted.name);
    if (!wanted.timing && schedule == nullptr) {
        reply(request, no_such_schedule(wanted.name), round);
        return;
    }
    const ScheduleTiming timing = wanted.timing ? *wanted.timing : schedule->spec->timing;
    std::optional<CronExpression> cron;
    if (auto fault = check_timing(timing, wanted.name, cron)) {
        reply(request, std::move(*fault), round);
        return;
    }
    const bool at_once = schedule == nullptr && !cron && !timing.anchor;
    TimeMs after = at_once ? now - 1 : now;
    std::uint64_t left = timing.limit == 0 ? wanted.count : std::min<std::uint64_t>(wanted.count, timing.limit);
    if (schedule != nullptr) {
        const ScheduleProgress& progress = schedule->progress;
        after =
            progress.paused || progress.next_at == 0 ? std::max(now, progress.last_firing_at) : progress.next_at - 1;
        left = timing.limit == 0
                   ? wanted.count
                   : std::min<std::uint64_t>(wanted.count, timing.limit - std::min(timing.limit, progress.fired));
    }
    bool unknown = false;
    const ZoneSpan* zone =
        zone_for(state, timing.zone, std::max(after, timing.start_at) - timing.offset_ms, now, round, unknown);
    if (zone == nullptr) {
        unknown ? reply(request, no_such_zone(timing.zone), round)
                : state.schedules.waiting.push_back(std::move(request));
        return;
    }
    const TimeMs anchor = schedule != nullptr ? schedule->anchor_at : anchor_of(timing, nullptr, now);
    ScheduleTimes out;
    for (; left > 0; --left) {
        const auto next = firing_after(timing, anchor, cron, *zone, after);
        if (!next) {
            break;
        }
        out.firings.push_back({*next, offset_at(*zone, *next)});
        after = *next;
    }
    reply(request, std::move(out), round);
}

}  // namespace baton::core
