// The search for the next firing: stretches of constant offset one after the other, in each the calendar by month, day
// and time of day. Days are counted from 1970 and turned into dates by arithmetic on 400-year cycles that begin in
// March.
#include "server/core/cron_next.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>

namespace baton::core {

namespace {

constexpr std::int64_t day_s = 86'400;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

struct Month {
    std::int64_t year = 1970;
    std::uint32_t month = 1;

    Month next() const { return month == 12 ? Month{year + 1, 1} : Month{year, month + 1}; }
    std::uint32_t length() const {
        const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        const std::uint32_t thirty = month == 4 || month == 6 || month == 9 || month == 11 ? 30U : 31U;
        return month == 2 ? (leap ? 29U : 28U) : thirty;
    }
    /// The day number of its first day.
    std::int64_t first_day() const {
        const std::int64_t y = year - (month <= 2 ? 1 : 0);
        const std::int64_t era = floor_div(y, 400);
        const std::int64_t year_of_era = y - era * 400;
        const std::int64_t month_from_march = (month + 9) % 12;
        const std::int64_t day_of_year = (153 * month_from_march + 2) / 5;
        return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
    }
};

Month month_of(std::int64_t day) {
    const std::int64_t shifted = day + 719'468;
    const std::int64_t era = floor_div(shifted, 146'097);
    const std::int64_t day_of_era = shifted - era * 146'097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
    const auto month = static_cast<std::uint32_t>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month};
}

/// Bit d is set when the pattern fires on day d of the month.
std::uint32_t days_in(const CronExpression& expression, const Month& month) {
    const std::uint32_t length = month.length();
    const auto all = static_cast<std::uint32_t>((std::uint64_t{2} << length) - 2);
    std::uint32_t by_day = expression.days & all;
    if (expression.last_day) {
        by_day |= 1U << length;
    }
    if (expression.any_weekday) {
        return expression.any_day ? all : by_day;
    }
    // The day number 0 was a Thursday.
    auto weekday = static_cast<std::uint32_t>(((month.first_day() + 4) % 7 + 7) % 7);
    std::uint32_t by_weekday = 0;
    for (std::uint32_t day = 1; day <= length; ++day, weekday = weekday == 6 ? 0 : weekday + 1) {
        const std::uint32_t fits = expression.weekdays | expression.nth_weekdays[(day - 1) / 7 + 1] |
                                   (day + 7 > length ? expression.last_weekdays : 0);
        by_weekday |= (fits >> weekday & 1) << day;
    }
    return expression.any_day ? by_weekday : by_day | by_weekday;
}

/// The first value of `set` that is at least `from`.
std::optional<std::uint32_t> first_of(std::uint64_t set, std::uint32_t from) {
    const std::uint64_t left = from >= 64 ? 0 : set >> from << from;
    return left == 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(std::countr_zero(left)));
}

/// The first time of day that fits, in seconds, at or after `from`.
std::optional<std::int64_t> time_of_day(const CronExpression& expression, std::int64_t from) {
    auto hour = static_cast<std::uint32_t>(from / 3'600);
    auto minute = static_cast<std::uint32_t>(from / 60 % 60);
    auto second = static_cast<std::uint32_t>(from % 60);
    while (const auto h = first_of(expression.hours, hour)) {
        if (*h != hour) {
            minute = second = 0;
        }
        while (const auto m = first_of(expression.minutes, minute)) {
            const auto s = first_of(expression.seconds, *m == minute ? second : 0);
            if (s) {
                return (static_cast<std::int64_t>(*h) * 60 + *m) * 60 + *s;
            }
            minute = *m + 1;
            second = 0;
        }
        hour = *h + 1;
        minute = second = 0;
    }
    return std::nullopt;
}

/// The first local time (seconds since 1970 as a clock shows them) in [from, to) that fits.
std::optional<std::int64_t> first_local(const CronExpression& expression, std::int64_t from, std::int64_t to) {
    std::int64_t day = floor_div(from, day_s);
    std::int64_t time = from - day * day_s;
    for (Month month = month_of(day); month.first_day() * day_s < to; month = month.next()) {
        if ((expression.months >> month.month & 1) == 0) {
            continue;
        }
        const std::int64_t before = month.first_day() - 1;
        const std::uint32_t days = days_in(expression, month);
        auto at = day > before ? static_cast<std::uint32_t>(day - before) : 1U;
        while (const auto found = first_of(days, at)) {
            const std::int64_t fits = before + *found;
            const auto of_day = time_of_day(expression, fits == day ? time : 0);
            if (of_day) {
                const std::int64_t local = fits * day_s + *of_day;
                return local < to ? std::optional(local) : std::nullopt;
            }
            at = *found + 1;
        }
    }
    return std::nullopt;
}

/// A stretch of constant offset, in seconds.
struct Stretch {
    std::int64_t begin = 0, end = 0;
    std::int64_t offset = 0;
    /// The offset before it.
    std::int64_t before = 0;
};

std::optional<std::int64_t> first_in(const CronExpression& expression, const Stretch& stretch, std::int64_t from) {
    from = std::max(from, stretch.begin);
    std::int64_t local = from + stretch.offset;
    if (expression.every_hour()) {
        const auto plain = first_local(expression, local, stretch.end + stretch.offset);
        return plain ? std::optional(*plain - stretch.offset) : std::nullopt;
    }
    // What the clock showed before it was put back has had its firing.
    local = std::max(local, stretch.begin + stretch.before);
    const auto plain = first_local(expression, local, stretch.end + stretch.offset);
    std::optional<std::int64_t> found = plain ? std::optional(*plain - stretch.offset) : std::nullopt;
    if (stretch.offset > stretch.before) {
        const std::int64_t missing_until = std::min(stretch.begin + stretch.offset, stretch.end + stretch.before);
        if (const auto missing = first_local(expression, from + stretch.before, missing_until)) {
            found = std::min(found.value_or(std::numeric_limits<std::int64_t>::max()), *missing - stretch.before);
        }
    }
    return found;
}

}  // namespace

const ZoneSpan& utc_zone() {
    constexpr TimeMs far = std::numeric_limits<TimeMs>::max() / 4;
    static const ZoneSpan utc{-far, far, 0, {}};
    return utc;
}

CronNext next_after(const CronExpression& expression, const ZoneSpan& zone, TimeMs after) {
    const std::int64_t from = floor_div(after, 1'000) + 1;
    const std::int64_t stop = from + cron_search_ms_max / 1'000;
    const auto upper = std::upper_bound(zone.changes.begin(), zone.changes.end(), from * 1'000,
                                        [](TimeMs at, const ZoneSpan::Change& change) { return at < change.at; });
    auto next = static_cast<std::size_t>(upper - zone.changes.begin());
    const std::int64_t span_end = floor_div(zone.until, 1'000);
    while (true) {
        Stretch stretch;
        stretch.offset = next == 0 ? zone.offset_s : zone.changes[next - 1].offset_s;
        stretch.before = next == 0 ? stretch.offset : next == 1 ? zone.offset_s : zone.changes[next - 2].offset_s;
        stretch.begin = floor_div(next == 0 ? zone.from : zone.changes[next - 1].at, 1'000);
        stretch.end = next == zone.changes.size() ? span_end : floor_div(zone.changes[next].at, 1'000);
        stretch.end = std::min(stretch.end, stop);
        if (const auto found = first_in(expression, stretch, from)) {
            return {CronNext::Outcome::found, *found * 1'000};
        }
        if (stretch.end == stop) {
            return {CronNext::Outcome::never, 0};
        }
        if (next == zone.changes.size()) {
            return {CronNext::Outcome::span_used_up, 0};
        }
        next += 1;
    }
}

}  // namespace baton::core
