#include "server/core/cron_next.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace baton::core;

namespace {

constexpr TimeMs hour_ms = 3'600'000;
constexpr TimeMs day_ms = 24 * hour_ms;
/// 2026-01-01, a Thursday.
constexpr TimeMs new_year = 1'767'225'600'000;

CronExpression cron(const std::string& text) { return std::get<CronExpression>(parse_cron(text, 0)); }

/// The next firings as days since new_year.
std::vector<std::int64_t> days(const std::string& text, std::size_t count, TimeMs after = new_year - 1) {
    std::vector<std::int64_t> out;
    while (out.size() < count) {
        const CronNext next = next_after(cron(text), utc_zone(), after);
        REQUIRE(next.outcome == CronNext::Outcome::found);
        REQUIRE(next.at > after);
        after = next.at;
        out.push_back((next.at - new_year) / day_ms);
    }
    return out;
}

using Days = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("the next firing is later than the time given, on a whole second") {
    const CronExpression each = cron("* * * * * *");
    CHECK(next_after(each, utc_zone(), new_year).at == new_year + 1'000);
    CHECK(next_after(each, utc_zone(), new_year - 1).at == new_year);
    CHECK(next_after(each, utc_zone(), new_year + 1).at == new_year + 1'000);
    CHECK(next_after(each, utc_zone(), -1).at == 0);
    CHECK(next_after(each, utc_zone(), -1'500).at == -1'000);
    CHECK(next_after(cron("30 10 4 * * *"), utc_zone(), new_year).at == new_year + 4 * hour_ms + 630'000);
    CHECK(next_after(cron("59 23 31 12 *"), utc_zone(), new_year).at == new_year + 365 * day_ms - 60'000);
}

TEST_CASE("days, weekdays, the last and the n-th, in the calendar") {
    CHECK(days("0 0 L * *", 4) == Days{30, 58, 89, 119});
    CHECK(days("0 0 31 * *", 3) == Days{30, 89, 150});
    CHECK(days("0 0 * * fri#2", 3) == Days{8, 43, 71});
    CHECK(days("0 0 * * 5L", 3) == Days{29, 57, 85});
    CHECK(days("0 0 * * 4#5", 3) == Days{28, 119, 210});
    CHECK(days("0 0 * * 0", 3) == Days{3, 10, 17});
    // Either of the two is enough when both are given: the 13th, and each Friday.
    CHECK(days("0 0 13 * fri", 5) == Days{1, 8, 12, 15, 22});
    CHECK(days("0 0 29 2 *", 2) == Days{365 + 365 + 31 + 28, 5 * 365 + 1 + 365 + 31 + 28});
}

TEST_CASE("years that are hundreds, and times before 1970") {
    constexpr TimeMs year_2096 = new_year + (70LL * 365 + 17) * day_ms;
    // 2100 has no 29 February: from 2096 it is eight years.
    const CronNext first = next_after(cron("0 0 29 2 *"), utc_zone(), year_2096);
    const CronNext second = next_after(cron("0 0 29 2 *"), utc_zone(), first.at);
    CHECK((second.at - first.at) / day_ms == 8 * 365 + 1);
    CHECK(next_after(cron("0 0 1 1 *"), utc_zone(), -1).at == 0);
    CHECK(next_after(cron("0 0 1 1 *"), utc_zone(), -366 * day_ms).at == -365 * day_ms);
}

TEST_CASE("the rarest pattern is found, and the search has an end") {
    const CronNext rare = next_after(cron("0 0 * 2 1#5"), utc_zone(), new_year);
    REQUIRE(rare.outcome == CronNext::Outcome::found);
    CHECK((rare.at - new_year) / day_ms > 365);
    CronExpression none = cron("0 0 1 1 *");
    none.days = 0;
    CHECK(next_after(none, utc_zone(), new_year).outcome == CronNext::Outcome::never);
}

TEST_CASE("a span that ends before the next firing is used up") {
    ZoneSpan zone{new_year - 2 * day_ms, new_year + 10 * day_ms, 3'600, {}};
    CHECK(next_after(cron("0 1 5 * *"), zone, new_year).at == new_year + 4 * day_ms);
    CHECK(next_after(cron("0 1 20 * *"), zone, new_year).outcome == CronNext::Outcome::span_used_up);
    CHECK(next_after(cron("0 1 11 1 *"), zone, new_year).outcome == CronNext::Outcome::span_used_up);
    CHECK(next_after(cron("59 0 11 1 *"), zone, new_year).at == new_year + 10 * day_ms - 60'000);
}

TEST_CASE("a change at the start of the span still shifts what was missing") {
    // One hour forward at midnight UTC: 00:00 to 01:00 is missing.
    const ZoneSpan forward{new_year - 2 * day_ms, new_year + 400 * day_ms, 0, {{new_year, 3'600}}};
    const CronExpression half_past = cron("30 0 * * *");
    CHECK(next_after(half_past, forward, new_year - 1).at == new_year + 1'800'000);
    CHECK(next_after(half_past, forward, new_year + 1'799'999).at == new_year + 1'800'000);
    CHECK(next_after(half_past, forward, new_year + 1'800'000).at == new_year + 23 * hour_ms + 1'800'000);
    CHECK(next_after(cron("30 * * * *"), forward, new_year).at == new_year + 1'800'000);
    // A change to the same offset changes nothing.
    const ZoneSpan named{new_year - 2 * day_ms, new_year + 400 * day_ms, 0, {{new_year, 0}}};
    CHECK(next_after(cron("0 0 * * *"), named, new_year - 1).at == new_year);
}
