#include "server/engine/time_zones.hpp"

#include <date/tz.h>

#include <chrono>
#include <stdexcept>

namespace baton::engine {

namespace {

core::TimeMs to_ms(date::sys_seconds at) { return at.time_since_epoch().count() * 1'000; }

date::sys_seconds to_seconds(core::TimeMs at) {
    return date::sys_seconds(std::chrono::floor<std::chrono::seconds>(std::chrono::milliseconds(at)));
}

const date::time_zone* find_zone(const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::runtime_error&) {
        return nullptr;
    }
}

}  // namespace

std::optional<core::ZoneSpan> zone_span(const std::string& name, core::TimeMs from, core::TimeMs until) {
    const date::time_zone* zone = find_zone(name);
    if (zone == nullptr) {
        return std::nullopt;
    }
    core::ZoneSpan span;
    span.from = from;
    span.until = until;
    date::sys_info stretch = zone->get_info(to_seconds(from));
    span.offset_s = static_cast<std::int32_t>(stretch.offset.count());
    while (stretch.end < to_seconds(until)) {
        const date::sys_seconds change = stretch.end;
        stretch = zone->get_info(change);
        span.changes.push_back({to_ms(change), static_cast<std::int32_t>(stretch.offset.count())});
    }
    return span;
}

}  // namespace baton::engine
