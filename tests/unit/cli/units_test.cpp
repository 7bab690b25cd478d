#include "cli/units.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace baton::cli;
using std::chrono::milliseconds;

TEST_CASE("durations are numbers with a unit; a bare number is seconds") {
    CHECK(parse_duration("250ms") == milliseconds(250));
    CHECK(parse_duration("10") == milliseconds(10'000));
    CHECK(parse_duration("5m") == milliseconds(300'000));
    CHECK(parse_duration("2h") == milliseconds(7'200'000));
    CHECK(parse_duration("7d") == milliseconds(604'800'000));
    for (const char* wrong : {"", "s", "-1s", "1w", "1.5s", "9223372036854775807d"}) {
        CHECK_THROWS_AS(parse_duration(wrong), std::invalid_argument);
    }
}

TEST_CASE("sizes count in powers of 1024") {
    CHECK(parse_size("512") == 512);
    CHECK(parse_size("64K") == 65'536);
    CHECK(parse_size("1G") == 1'073'741'824);
    CHECK_THROWS_AS(parse_size("1T"), std::invalid_argument);
}

TEST_CASE("times are read and written the same way") {
    CHECK(parse_time_ms("1970-01-02T00:00:01Z") == 86'401'000);
    CHECK(parse_time_ms("1700000000123") == 1'700'000'000'123);
    CHECK(format_time(86'401'007) == "1970-01-02T00:00:01.007Z");
    CHECK_THROWS_AS(parse_time_ms("tomorrow"), std::invalid_argument);
}

TEST_CASE("durations are told in their two largest units") {
    CHECK(format_duration(milliseconds(999)) == "999ms");
    CHECK(format_duration(milliseconds(1'500)) == "1.5s");
    CHECK(format_duration(milliseconds(200'000)) == "3m20s");
    CHECK(format_duration(milliseconds(90'000'000)) == "1d1h");
}
