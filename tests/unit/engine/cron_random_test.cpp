// Random patterns, zones and instants against a search that looks at each minute: it shares no code with the real one,
// and asks the library for the clock of the zone.
#include "server/core/cron_next.hpp"
#include "server/engine/time_zones.hpp"
#include "tests/support/prng.hpp"

#include <catch2/catch.hpp>

#include <date/tz.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

using namespace baton;

namespace {

constexpr std::int64_t minute_s = 60;
constexpr std::int64_t day_s = 86'400;
constexpr int tries = 100'000;
/// How far the slow search looks.
constexpr std::int64_t looked_at_s = 6 * day_s;

/// One field as text, and which values it means.
struct Field {
    std::string text;
    std::array<bool, 64> fits{};
};

Field random_field(tests::Prng& prng, int low, int high, int any_of_ten) {
    Field field;
    if (prng.below(10) < static_cast<std::uint64_t>(any_of_ten)) {
        field.text = "*";
        field.fits.fill(true);
        return field;
    }
    const auto draw = [&](int from, int to) {
        return from + static_cast<int>(prng.below(static_cast<std::uint64_t>(to - from + 1)));
    };
    for (std::uint64_t item = 0, items = 1 + prng.below(3); item < items; ++item) {
        int from = draw(low, high), to = from, step = 1;
        std::string text = std::to_string(from);
        const std::uint64_t kind = prng.below(4);
        if (kind == 1 || kind == 2) {
            to = draw(from, high);
            text += "-" + std::to_string(to);
        }
        if (kind == 2 || kind == 3) {
            step = draw(1, high - low + 1);
            to = kind == 3 ? high : to;
            text += "/" + std::to_string(step);
        }
        for (int n = from; n <= to; n += step) {
            field.fits.at(static_cast<std::size_t>(n)) = true;
        }
        field.text += (item == 0 ? "" : ",") + text;
    }
    return field;
}

struct Pattern {
    Field minute, hour, day, month, weekday;
    bool last_day = false;
    int nth = 0, nth_weekday = 0;
    int last_weekday = -1;

    std::string text() const {
        return minute.text + " " + hour.text + " " + day.text + " " + month.text + " " + weekday.text;
    }
    bool every_hour() const {
        bool all = true;
        for (std::size_t h = 0; h < 24; ++h) {
            all = all && hour.fits.at(h);
        }
        return all;
    }
};

Pattern random_pattern(tests::Prng& prng) {
    Pattern out;
    out.minute = random_field(prng, 0, 59, 2);
    out.hour = random_field(prng, 0, 23, 4);
    out.day = random_field(prng, 1, 31, 6);
    out.month = random_field(prng, 1, 12, 8);
    out.weekday = random_field(prng, 0, 6, 6);
    if (prng.below(10) == 0) {
        out.last_day = true;
        out.day = Field{"L", {}};
    }
    const std::uint64_t special = prng.below(10);
    if (special == 0) {
        out.nth = 1 + static_cast<int>(prng.below(5));
        out.nth_weekday = static_cast<int>(prng.below(7));
        out.weekday = Field{std::to_string(out.nth_weekday) + "#" + std::to_string(out.nth), {}};
    } else if (special == 1) {
        out.last_weekday = static_cast<int>(prng.below(7));
        out.weekday = Field{std::to_string(out.last_weekday) + "L", {}};
    }
    return out;
}

bool day_fits(const Pattern& pattern, date::local_days day) {
    const date::year_month_day date{day};
    const date::weekday weekday{day};
    const bool is_last = date::year_month_day{day + date::days{1}}.month() != date.month();
    const bool last_of_weekday = date::year_month_day{day + date::days{7}}.month() != date.month();
    const auto of_month = static_cast<unsigned>(date.day());
    if (!pattern.month.fits.at(static_cast<unsigned>(date.month()))) {
        return false;
    }
    const bool by_day = pattern.last_day ? is_last : pattern.day.fits.at(of_month);
    const auto number = static_cast<int>(weekday.c_encoding());
    bool by_weekday = pattern.weekday.fits.at(static_cast<std::size_t>(number));
    if (pattern.nth != 0) {
        by_weekday = number == pattern.nth_weekday && static_cast<int>((of_month + 6) / 7) == pattern.nth;
    } else if (pattern.last_weekday >= 0) {
        by_weekday = number == pattern.last_weekday && last_of_weekday;
    }
    if (pattern.day.text == "*") {
        return by_weekday;
    }
    return pattern.weekday.text == "*" ? by_day : by_day || by_weekday;
}

/// The search: every minute of UTC, what the clock shows then, and what it showed before its last change.
class SlowSearch {
public:
    SlowSearch(const Pattern& pattern, const date::time_zone& zone) : pattern_(pattern), zone_(zone) {}

    std::optional<std::int64_t> first_after(std::int64_t after_s) {
        for (std::int64_t at = after_s - after_s % minute_s + minute_s; at <= after_s + looked_at_s; at += minute_s) {
            if (fires(at)) {
                return at;
            }
        }
        return std::nullopt;
    }

private:
    bool shows(std::int64_t local) {
        const std::int64_t day = local / day_s, minute = local % day_s / minute_s;
        if (!pattern_.minute.fits.at(static_cast<std::size_t>(minute % 60)) ||
            !pattern_.hour.fits.at(static_cast<std::size_t>(minute / 60))) {
            return false;
        }
        if (day != day_) {
            day_ = day;
            day_fits_ = day_fits(pattern_, date::local_days{date::days{static_cast<int>(day)}});
        }
        return day_fits_;
    }

    void look_up(std::int64_t at) {
        if (at < end_ && end_ != 0) {
            return;
        }
        const date::sys_info info = zone_.get_info(date::sys_seconds{std::chrono::seconds(at)});
        begin_ = info.begin.time_since_epoch().count();
        end_ = info.end.time_since_epoch().count();
        offset_ = info.offset.count();
        before_ = zone_.get_info(info.begin - std::chrono::seconds(1)).offset.count();
    }

    bool fires(std::int64_t at) {
        look_up(at);
        const std::int64_t moved = offset_ - before_;
        if (pattern_.every_hour() || moved == 0) {
            return shows(at + offset_);
        }
        // The clock would have shown this, had it not been put forward: nothing that it shows then is left out.
        if (moved > 0 && at < begin_ + moved && shows(at + before_)) {
            return true;
        }
        // It has shown the same before it was put back.
        const bool again = moved < 0 && at < begin_ - moved;
        return !again && shows(at + offset_);
    }

    const Pattern& pattern_;
    const date::time_zone& zone_;
    std::int64_t day_ = -1;
    bool day_fits_ = false;
    std::int64_t begin_ = 0, end_ = 0, offset_ = 0, before_ = 0;
};

/// An instant near a change of the zone, or any of 1975 to 2036, as whole seconds.
std::int64_t random_instant(tests::Prng& prng, const core::ZoneSpan& zone) {
    if (!zone.changes.empty() && prng.below(2) == 0) {
        const auto& change = zone.changes.at(prng.below(zone.changes.size()));
        return change.at / 1'000 - 2 * day_s + static_cast<std::int64_t>(prng.below(3 * day_s));
    }
    return 5LL * 365 * day_s + static_cast<std::int64_t>(prng.below(61ULL * 365 * day_s));
}

}  // namespace

TEST_CASE("random patterns, zones and instants, against a search by minute") {
    constexpr core::TimeMs from_ms = 4LL * 365 * day_s * 1'000;
    constexpr core::TimeMs until_ms = from_ms + 100LL * 366 * day_s * 1'000;
    tests::Prng prng(20'261'125);
    std::vector<std::pair<const date::time_zone*, core::ZoneSpan>> zones;
    for (const date::time_zone& zone : date::get_tzdb().zones) {
        if (auto span = engine::zone_span(zone.name(), from_ms, until_ms)) {
            zones.emplace_back(&zone, std::move(*span));
        }
    }
    REQUIRE(zones.size() > 300);
    int compared = 0, found = 0;
    while (compared < tries) {
        const Pattern pattern = random_pattern(prng);
        const auto& [zone, span] = zones.at(prng.below(zones.size()));
        auto parsed = core::parse_cron(pattern.text(), 0);
        const auto* expression = std::get_if<core::CronExpression>(&parsed);
        if (expression == nullptr) {
            continue;
        }
        const std::int64_t after = random_instant(prng, span);
        const core::CronNext fast = core::next_after(*expression, span, after * 1'000);
        const auto slow = SlowSearch(pattern, *zone).first_after(after);
        const bool near = fast.outcome == core::CronNext::Outcome::found && fast.at / 1'000 <= after + looked_at_s;
        if (near != slow.has_value() || (near && fast.at / 1'000 != *slow)) {
            CAPTURE(pattern.text(), zone->name(), after, fast.at / 1'000, slow.value_or(-1));
            FAIL("the two searches differ");
        }
        compared += 1;
        found += near ? 1 : 0;
    }
    CHECK(found > tries / 2);
}
