#include "server/core/cron_expression.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <set>
#include <string>

using namespace baton::core;

namespace {

CronExpression parsed(const std::string& text, std::uint64_t seed = 0) {
    auto result = parse_cron(text, seed);
    if (const auto* fault = std::get_if<CronFault>(&result)) {
        FAIL(text << ": " << fault->message);
    }
    return std::get<CronExpression>(result);
}

std::string fault_of(const std::string& text) {
    auto result = parse_cron(text, 0);
    const auto* fault = std::get_if<CronFault>(&result);
    return fault == nullptr ? "" : fault->message;
}

std::set<int> values(std::uint64_t bits) {
    std::set<int> out;
    for (int n = 0; n < 64; ++n) {
        if ((bits >> n & 1) != 0) {
            out.insert(n);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("five fields begin with the minute, six with the second") {
    const CronExpression five = parsed("5 4 3 2 1");
    CHECK(values(five.seconds) == std::set{0});
    CHECK(values(five.minutes) == std::set{5});
    CHECK(values(five.hours) == std::set{4});
    CHECK(values(five.days) == std::set{3});
    CHECK(values(five.months) == std::set{2});
    CHECK(values(five.weekdays) == std::set{1});
    const CronExpression six = parsed(" 6  5\t4 3 2 1 ");
    CHECK(values(six.seconds) == std::set{6});
    CHECK(values(six.minutes) == std::set{5});
}

TEST_CASE("lists, ranges, steps and names") {
    CHECK(values(parsed("1,5-7,50/4 * * * *").minutes) == std::set{1, 5, 6, 7, 50, 54, 58});
    CHECK(values(parsed("*/20 * * * *").minutes) == std::set{0, 20, 40});
    CHECK(values(parsed("10-30/10 * * * *").minutes) == std::set{10, 20, 30});
    CHECK(values(parsed("0 0 1 jan-Mar,DEC *").months) == std::set{1, 2, 3, 12});
    CHECK(values(parsed("0 0 * * mon-FRI").weekdays) == std::set{1, 2, 3, 4, 5});
    CHECK(values(parsed("0 0 * * 7").weekdays) == std::set{0});
    CHECK(values(parsed("0 0 * * 5-7").weekdays) == std::set{0, 5, 6});
    CHECK(values(parsed("0 0 * * sat-sun").weekdays) == std::set{0, 6});
    CHECK(values(parsed("0 0 * * 1/2").weekdays) == std::set{1, 3, 5});
    CHECK(values(parsed("0 0 * * */2").weekdays) == std::set{0, 2, 4, 6});
}

TEST_CASE("days and weekdays: last, n-th, any") {
    const CronExpression last = parsed("0 0 15,L * ?");
    CHECK(last.last_day);
    CHECK(values(last.days) == std::set{15});
    CHECK(last.any_weekday);
    CHECK_FALSE(last.any_day);
    const CronExpression second = parsed("0 0 ? * fri#2,1#5,7L,3");
    CHECK(values(second.nth_weekdays[2]) == std::set{5});
    CHECK(values(second.nth_weekdays[5]) == std::set{1});
    CHECK(values(second.last_weekdays) == std::set{0});
    CHECK(values(second.weekdays) == std::set{3});
    CHECK(second.any_day);
    // Only a star alone leaves a field open; a step over all of it counts as given.
    CHECK_FALSE(parsed("0 0 */1 * 1").any_day);
}

TEST_CASE("names of patterns") {
    CHECK(values(parsed("@yearly").months) == std::set{1});
    CHECK(values(parsed("@annually").days) == std::set{1});
    CHECK(values(parsed("@Monthly").days) == std::set{1});
    CHECK(values(parsed("@weekly").weekdays) == std::set{0});
    CHECK(values(parsed("@daily").hours) == std::set{0});
    CHECK(values(parsed("@midnight").hours) == std::set{0});
    CHECK(parsed("@hourly").every_hour());
    CHECK(values(parsed("@minutely").seconds) == std::set{0});
    CHECK(std::popcount(parsed("@secondly").seconds) == 60);
    CHECK(values(parsed("@weekdays").weekdays) == std::set{1, 2, 3, 4, 5});
    CHECK(values(parsed("@weekends").weekdays) == std::set{0, 6});
}

TEST_CASE("H is drawn from the seed, within its range, and spreads") {
    std::set<std::uint64_t> minutes;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const CronExpression one = parsed("H H(8-17) H H H", seed);
        CHECK(std::popcount(one.minutes) == 1);
        CHECK(*values(one.hours).begin() >= 8);
        CHECK(*values(one.hours).begin() <= 17);
        CHECK(*values(one.days).begin() <= 28);
        CHECK(std::popcount(one.weekdays) == 1);
        CHECK(one.minutes == parsed("H H(8-17) H H H", seed).minutes);
        minutes.insert(one.minutes);
        const std::set<int> steps = values(parsed("H/15 * * * *", seed).minutes);
        CHECK(steps.size() == 4);
        CHECK(*steps.begin() < 15);
        CHECK(*steps.rbegin() - *steps.begin() == 45);
        const std::set<int> ranged = values(parsed("H(10-29)/10 * * * *", seed).minutes);
        CHECK(ranged.size() == 2);
        CHECK(*ranged.begin() >= 10);
        CHECK(*ranged.rbegin() <= 29);
    }
    CHECK(minutes.size() > 45);
}

TEST_CASE("what is no pattern is refused with the field and why") {
    const std::pair<const char*, const char*> cases[] = {
        {"", "5 fields"},
        {"* * * *", "not 4"},
        {"* * * * * * *", "not 7"},
        {"@often", "'@often' is not known"},
        {"60 * * * *", "minute '60': '60' is no number from 0 to 59"},
        {"* 24 * * *", "hour '24'"},
        {"* * 0 * *", "day '0'"},
        {"* * 32 * *", "day '32'"},
        {"* * * 13 *", "month '13'"},
        {"* * * 0 *", "month '0'"},
        {"* * * * 8", "weekday '8'"},
        {"61 * * * * *", "second '61'"},
        {"5-3 * * * *", "runs backwards"},
        {"* * * dec-jan *", "runs backwards"},
        {"*/0 * * * *", "'0' is no number from 1 to 60"},
        {"*/61 * * * *", "'61' is no number from 1 to 60"},
        {"*/ * * * *", "''"},
        {"/5 * * * *", "a value is missing"},
        {"1,,2 * * * *", "a value is missing"},
        {"1- * * * *", "''"},
        {"-1 * * * *", "''"},
        {"1.5 * * * *", "'1.5'"},
        {"00000000000000001 * * * *", "is no number"},
        {"? * * * *", "minute '?'"},
        {"L * * * *", "minute 'L'"},
        {"* * * L *", "month 'L'"},
        {"* * LW * *", "day 'LW'"},
        {"* * 15W * *", "day '15W'"},
        {"* * * * L", "weekday 'L'"},
        {"* * * * 1#6", "'6' is no number from 1 to 5"},
        {"* * * * 1#0", "'0' is no number from 1 to 5"},
        {"* * * * #", "''"},
        {"* * 1#2 * *", "day '1#2'"},
        {"* * * * mon#", "''"},
        {"* * * foo *", "month 'foo'"},
        {"H(5 * * * *", "is not known"},
        {"H() * * * *", "is not known"},
        {"H(5) * * * *", "range in brackets"},
        {"HX(1-2) * * * *", "range in brackets"},
        {"H(9-2) * * * *", "runs backwards"},
        {"0 0 31 2 *", "does not exist"},
        {"0 0 30,31 feb *", "does not exist"},
        {"0 0 31 4,6,9,11 1", "does not exist"},
    };
    for (const auto& [text, why] : cases) {
        CAPTURE(text);
        std::string fault = fault_of(text);
        std::string expected = why;
        // The texts of the fault are those of the pattern in upper case.
        for (std::string* both : {&fault, &expected}) {
            for (char& c : *both) {
                c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
            }
        }
        CHECK_THAT(fault, Catch::Contains(expected));
    }
}

TEST_CASE("a day that only some years or months have is a pattern") {
    CHECK(fault_of("0 0 29 2 *").empty());
    CHECK(fault_of("0 0 31 1,2 *").empty());
    CHECK(fault_of("0 0 L 2 *").empty());
    CHECK(fault_of("0 0 ? 2 1#5").empty());
}

TEST_CASE("no text harms the reader") {
    for (const char* text : {"H", "((((", "*,*,*,*", "#", "L", "//", "--", "H(-)", "H(1-", "\x80\xff * * * *"}) {
        CHECK_FALSE(fault_of(text).empty());
        CHECK_NOTHROW(fault_of(std::string(text) + " * * " + text + " " + text));
    }
    CHECK_FALSE(fault_of(std::string(100'000, '*')).empty());
}
