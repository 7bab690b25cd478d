// Cron patterns at the changes of real zones: the firings as the clocks of the zone show them.
#include "server/core/cron_next.hpp"
#include "server/engine/time_zones.hpp"

#include <catch2/catch.hpp>

#include <date/tz.h>

#include <string>
#include <vector>

using namespace baton;

namespace {

constexpr core::TimeMs day_ms = 24LL * 3'600 * 1'000;

/// Reads a time as it is written in the table: 2026-03-28 03:00 +0100.
core::TimeMs instant(const std::string& text) {
    const auto number = [&](std::size_t at, std::size_t length) { return std::stoi(text.substr(at, length)); };
    const date::sys_days day{date::year{number(0, 4)} / number(5, 2) / number(8, 2)};
    const int east = (text.at(17) == '-' ? -1 : 1) * (number(18, 2) * 60 + number(20, 2));
    const std::int64_t minute = number(11, 2) * 60 + number(14, 2) - east;
    return day.time_since_epoch().count() * day_ms + minute * 60'000;
}

std::string shown(const std::string& zone, core::TimeMs at) {
    const date::sys_seconds time{std::chrono::seconds(at / 1'000)};
    return date::format("%F %H:%M %z", date::make_zoned(zone, time));
}

struct Case {
    const char* what;
    const char* zone;
    const char* pattern;
    const char* after;
    std::vector<std::string> firings;
};

const std::vector<Case> cases{
    {"a time in the gap fires an hour later",
     "Europe/Berlin",
     "30 2 * * *",
     "2026-03-28 03:00 +0100",
     {"2026-03-29 03:30 +0200", "2026-03-30 02:30 +0200"}},
    {"the whole of the missing hour is moved",
     "Europe/Berlin",
     "*/20 2 * * *",
     "2026-03-29 00:00 +0100",
     {"2026-03-29 03:00 +0200", "2026-03-29 03:20 +0200", "2026-03-29 03:40 +0200", "2026-03-30 02:00 +0200"}},
    {"two hours that become one fire once",
     "Europe/Berlin",
     "30 2,3 * * *",
     "2026-03-29 00:00 +0100",
     {"2026-03-29 03:30 +0200", "2026-03-30 02:30 +0200"}},
    {"an hourly pattern skips the missing hour",
     "Europe/Berlin",
     "30 * * * *",
     "2026-03-29 00:45 +0100",
     {"2026-03-29 01:30 +0100", "2026-03-29 03:30 +0200", "2026-03-29 04:30 +0200"}},
    {"a pattern of minutes skips the missing hour",
     "Europe/Berlin",
     "*/15 * * * *",
     "2026-03-29 01:30 +0100",
     {"2026-03-29 01:45 +0100", "2026-03-29 03:00 +0200", "2026-03-29 03:15 +0200"}},
    {"a time that comes twice fires in the first pass",
     "Europe/Berlin",
     "30 2 * * *",
     "2026-10-24 12:00 +0200",
     {"2026-10-25 02:30 +0200", "2026-10-26 02:30 +0100"}},
    {"asked between the passes, the second is not due",
     "Europe/Berlin",
     "30 2 * * *",
     "2026-10-25 02:45 +0200",
     {"2026-10-26 02:30 +0100"}},
    {"an hourly pattern fires in both passes",
     "Europe/Berlin",
     "0 * * * *",
     "2026-10-25 01:30 +0200",
     {"2026-10-25 02:00 +0200", "2026-10-25 02:00 +0100", "2026-10-25 03:00 +0100"}},
    {"a pattern of minutes fires in both passes",
     "Europe/Berlin",
     "*/30 * * * *",
     "2026-10-25 01:45 +0200",
     {"2026-10-25 02:00 +0200", "2026-10-25 02:30 +0200", "2026-10-25 02:00 +0100", "2026-10-25 02:30 +0100",
      "2026-10-25 03:00 +0100"}},
    {"every second hour names its hours",
     "Europe/Berlin",
     "0 */2 * * *",
     "2026-10-25 00:30 +0200",
     {"2026-10-25 02:00 +0200", "2026-10-25 04:00 +0100"}},
    {"midnight stays midnight",
     "Europe/Berlin",
     "@daily",
     "2026-10-24 12:00 +0200",
     {"2026-10-25 00:00 +0200", "2026-10-26 00:00 +0100"}},
    {"New York, spring",
     "America/New_York",
     "30 2 * * *",
     "2026-03-07 12:00 -0500",
     {"2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"}},
    {"New York, autumn",
     "America/New_York",
     "30 1 * * *",
     "2026-10-31 12:00 -0400",
     {"2026-11-01 01:30 -0400", "2026-11-02 01:30 -0500"}},
    {"Dublin, where winter is the exception",
     "Europe/Dublin",
     "30 1 * * *",
     "2026-10-24 12:00 +0100",
     {"2026-10-25 01:30 +0100", "2026-10-26 01:30 +0000"}},
    {"half an hour forward",
     "Australia/Lord_Howe",
     "15 2 * * *",
     "2026-10-03 12:00 +1030",
     {"2026-10-04 02:45 +1100", "2026-10-05 02:15 +1100"}},
    {"half an hour forward, beside the gap",
     "Australia/Lord_Howe",
     "10,50 2 * * *",
     "2026-10-03 12:00 +1030",
     {"2026-10-04 02:40 +1100", "2026-10-04 02:50 +1100", "2026-10-05 02:10 +1100"}},
    {"half an hour forward, out of order",
     "Australia/Lord_Howe",
     "25,35 2 * * *",
     "2026-10-03 12:00 +1030",
     {"2026-10-04 02:35 +1100", "2026-10-04 02:55 +1100", "2026-10-05 02:25 +1100"}},
    {"half an hour back",
     "Australia/Lord_Howe",
     "45 1 * * *",
     "2026-04-04 12:00 +1100",
     {"2026-04-05 01:45 +1100", "2026-04-06 01:45 +1030"}},
    {"half an hour back, every quarter",
     "Australia/Lord_Howe",
     "*/15 * * * *",
     "2026-04-05 01:30 +1100",
     {"2026-04-05 01:45 +1100", "2026-04-05 01:30 +1030", "2026-04-05 01:45 +1030", "2026-04-05 02:00 +1030"}},
    {"half an hour back, hourly",
     "Australia/Lord_Howe",
     "0 * * * *",
     "2026-04-05 00:30 +1100",
     {"2026-04-05 01:00 +1100", "2026-04-05 02:00 +1030"}},
    {"two hours forward",
     "Antarctica/Troll",
     "30 1,2 * * *",
     "2026-03-28 12:00 +0000",
     {"2026-03-29 03:30 +0200", "2026-03-29 04:30 +0200", "2026-03-30 01:30 +0200"}},
    {"a day that was skipped",
     "Pacific/Apia",
     "0 12 * * *",
     "2011-12-29 11:00 -1000",
     {"2011-12-29 12:00 -1000", "2011-12-31 12:00 +1400", "2012-01-01 12:00 +1400"}},
    {"only the day that was skipped",
     "Pacific/Apia",
     "0 12 30 12 *",
     "2011-12-01 00:00 -1000",
     {"2011-12-31 12:00 +1400", "2012-12-30 12:00 +1400"}},
    {"hourly over the day that was skipped",
     "Pacific/Apia",
     "0 * * * *",
     "2011-12-29 22:30 -1000",
     {"2011-12-29 23:00 -1000", "2011-12-31 00:00 +1400", "2011-12-31 01:00 +1400"}},
    {"midnight is missing",
     "America/Sao_Paulo",
     "0 0 * * *",
     "2018-11-03 12:00 -0300",
     {"2018-11-04 01:00 -0200", "2018-11-05 00:00 -0200"}},
    {"midnight comes twice",
     "America/Sao_Paulo",
     "30 23 * * *",
     "2018-02-17 12:00 -0200",
     {"2018-02-17 23:30 -0200", "2018-02-18 23:30 -0300"}},
    {"midnight is missing in Beirut",
     "Asia/Beirut",
     "30 0 * * sun",
     "2026-03-28 12:00 +0200",
     {"2026-03-29 01:30 +0300", "2026-04-05 00:30 +0300"}},
    {"an offset that changed for good",
     "Asia/Pyongyang",
     "45 23 * * *",
     "2018-05-04 12:00 +0830",
     {"2018-05-05 00:15 +0900", "2018-05-05 23:45 +0900"}},
    {"an offset put back for good",
     "Europe/Moscow",
     "30 1 * * *",
     "2014-10-25 12:00 +0400",
     {"2014-10-26 01:30 +0400", "2014-10-27 01:30 +0300"}},
    {"a fast that moves the clock",
     "Africa/Casablanca",
     "30 2 * * *",
     "2026-02-14 12:00 +0100",
     {"2026-02-15 02:30 +0100", "2026-02-16 02:30 +0000"}},
    {"a zone of three quarters of an hour",
     "Pacific/Chatham",
     "0 3 * * *",
     "2026-04-04 12:00 +1345",
     {"2026-04-05 03:00 +1345", "2026-04-06 03:00 +1245"}},
    {"no daylight saving at all",
     "Asia/Kolkata",
     "30 2 * * *",
     "2026-03-28 12:00 +0530",
     {"2026-03-29 02:30 +0530", "2026-03-30 02:30 +0530"}},
    {"UTC", "UTC", "30 2 * * *", "2026-03-28 12:00 +0000", {"2026-03-29 02:30 +0000", "2026-03-30 02:30 +0000"}},
};

}  // namespace

TEST_CASE("cron at the changes of real zones") {
    for (const Case& one : cases) {
        CAPTURE(one.what, one.zone, one.pattern);
        const core::TimeMs start = instant(one.after);
        const auto zone = engine::zone_span(one.zone, start - 2 * day_ms, start + 800 * day_ms);
        REQUIRE(zone);
        const auto expression = std::get<core::CronExpression>(core::parse_cron(one.pattern, 0));
        core::TimeMs after = start;
        for (const std::string& firing : one.firings) {
            const core::CronNext next = core::next_after(expression, *zone, after);
            REQUIRE(next.outcome == core::CronNext::Outcome::found);
            CHECK(shown(one.zone, next.at) == firing);
            after = next.at;
        }
    }
}
