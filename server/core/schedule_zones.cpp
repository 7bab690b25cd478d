// Time zones are an input: a zone that a pattern needs is asked for, and what needs it waits. It stays in memory, and
// is asked for again when a firing lies outside of what is known.
#include "server/core/require.hpp"
#include "server/core/schedule.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

namespace {

/// What a change of the clock shifts lies within two days of it.
constexpr DurationMs margin_ms = 3LL * 24 * 3600 * 1000;
/// So that a zone is asked for once in a long while.
constexpr DurationMs ahead_ms = 10LL * 366 * 24 * 3600 * 1000;

bool covers(const ZoneSpan& span, TimeMs after) {
    return span.from <= after - margin_ms && span.until >= after + cron_search_ms_max;
}

}  // namespace

const ZoneSpan* zone_for(State& state, const std::string& name, TimeMs after, TimeMs now, Round& round, bool& unknown) {
    unknown = false;
    if (name.empty()) {
        return &utc_zone();
    }
    if (state.schedules.unknown_zones.contains(name)) {
        unknown = true;
        return nullptr;
    }
    Zone& zone = state.schedules.zones[name];
    if (zone.span && covers(*zone.span, after)) {
        return &*zone.span;
    }
    if (!zone.reading) {
        zone.reading = true;
        state.schedules.zone_reads += 1;
        TimeMs from = std::min(after, now) - 2 * margin_ms;
        TimeMs until = std::max(after, now) + cron_search_ms_max + ahead_ms;
        if (zone.span) {
            from = std::min(from, zone.span->from);
            until = std::max(until, zone.span->until);
        }
        const std::uint64_t ticket = state.next_ticket++;
        state.reads.emplace(ticket, PendingRead{QueueId{}, LoadZone{name}});
        round.reads.push_back({ticket, ReadZone{name, from, until}});
    }
    return nullptr;
}

void zone_arrived(State& state, const std::string& name, std::optional<ZoneSpan>&& span, TimeMs now, Round& round) {
    constexpr DurationMs try_again_ms = 3'600'000;
    ScheduleTable& schedules = state.schedules;
    Zone& zone = schedules.zones.at(name);
    zone.reading = false;
    schedules.zone_reads -= 1;
    const bool known = span.has_value();
    if (known) {
        zone.span = std::move(span);
    } else {
        schedules.unknown_zones.insert(name);
    }
    for (const ScheduleId id : std::exchange(zone.waiting, {})) {
        Schedule* schedule = schedules.find(id);
        if (schedule == nullptr) {
            continue;
        }
        schedule->waiting = false;
        if (!known) {
            schedule->progress.last_error = "there is no time zone named '" + name + "'";
            schedule->progress.last_error_at = now;
            schedules.touch(*schedule);
        }
        if (schedule->progress.next_at != 0 && !schedule->progress.paused) {
            schedules.arm(*schedule, known ? now : now + try_again_ms);
        }
    }
    if (schedules.zone_reads == 0) {
        for (Request& request : std::exchange(schedules.waiting, {})) {
            dispatch(state, std::move(request), now, round);
        }
        schedules.unknown_zones.clear();
    }
    if (!known && !zone.span && !zone.reading && zone.waiting.empty()) {
        schedules.zones.erase(name);
    }
}

}  // namespace baton::core
