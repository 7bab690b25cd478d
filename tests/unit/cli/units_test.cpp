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
    CHECK(parse_duration("1.5s") == milliseconds(1'500));
    CHECK(parse_duration("0.25") == milliseconds(250));
    CHECK(parse_duration("0.5d") == milliseconds(43'200'000));
    CHECK(parse_duration("0s") == milliseconds(0));
    for (const char* wrong : {"", "s", "-1s", "+1s", "1w", ".5s", "1.s", "1.5.5s", "1.0005s", "1e3s",
                              "9223372036854775807d", "0.0000000000000000000000000000000001d"}) {
        CHECK_THROWS_AS(parse_duration(wrong), std::invalid_argument);
    }
}

TEST_CASE("sizes count in powers of 1024") {
    CHECK(parse_size("512") == 512);
    CHECK(parse_size("64K") == 65'536);
    CHECK(parse_size("1G") == 1'073'741'824);
    CHECK(parse_size("1.5K") == 1'536);
    CHECK_THROWS_AS(parse_size("0.5"), std::invalid_argument);
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
