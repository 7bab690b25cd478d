// The firings of a schedule in time order: the pattern or the interval, moved by the offset, between start and end.
#include "server/core/schedule.hpp"

#include <algorithm>

namespace baton::core {

namespace {

/// The first point of the interval later than `after`.
TimeMs slot_after(TimeMs anchor_at, DurationMs every_ms, TimeMs after) {
    const DurationMs since = after - anchor_at;
    const std::int64_t whole = since / every_ms - (since % every_ms < 0 ? 1 : 0);
    return anchor_at + (whole + 1) * every_ms;
}

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
    std::uint64_t h = a * 0x9E3779B97F4A7C15ULL ^ (b + 0xD1B54A32D192ED03ULL) * 0xBF58476D1CE4E5B9ULL;
    h ^= h >> 31;
    h *= 0x94D049BB133111EBULL;
    return h ^ h >> 29;
}

}  // namespace

std::optional<TimeMs> firing_after(const ScheduleTiming& timing, TimeMs anchor_at,
                                   const std::optional<CronExpression>& cron, const ZoneSpan& zone, TimeMs after) {
    const TimeMs from = std::max(after, timing.start_at - 1) - timing.offset_ms;
    TimeMs slot = 0;
    if (cron) {
        const CronNext next = next_after(*cron, zone, from);
        if (next.outcome != CronNext::Outcome::found) {
            return std::nullopt;
        }
        slot = next.at;
    } else {
        slot = slot_after(anchor_at, timing.every_ms, from);
    }
    const TimeMs firing = slot + timing.offset_ms;
    return timing.end_at != 0 && firing > timing.end_at ? std::nullopt : std::optional(firing);
}

TimeMs due_time(const Schedule& schedule, TimeMs firing_at) {
    const DurationMs jitter = schedule.spec->timing.jitter_ms;
    if (jitter == 0) {
        return firing_at;
    }
    const std::uint64_t draw = mixed(value(schedule.id), static_cast<std::uint64_t>(firing_at));
    return firing_at + static_cast<DurationMs>(draw % (static_cast<std::uint64_t>(jitter) + 1));
}

std::uint64_t cron_seed(const std::string& name) {
    std::uint64_t h = 0xCBF29CE484222325ULL;
    for (const char c : name) {
        h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    }
    return h;
}

}  // namespace baton::core
