#include "server/engine/time_zones.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace baton;
using engine::zone_span;

namespace {
constexpr core::TimeMs hour_ms = 3'600'000;
/// 2026-01-01 00:00 UTC.
constexpr core::TimeMs new_year = 1'767'225'600'000;
constexpr core::TimeMs year_ms = 365LL * 24 * hour_ms;
}  // namespace

TEST_CASE("a zone is its offset and the changes of a span") {
    const auto berlin = zone_span("Europe/Berlin", new_year, new_year + year_ms);
    REQUIRE(berlin);
    CHECK(berlin->from == new_year);
    CHECK(berlin->until == new_year + year_ms);
    CHECK(berlin->offset_s == 3'600);
    REQUIRE(berlin->changes.size() == 2);
    CHECK(berlin->changes[0] == core::ZoneSpan::Change{1'774'746'000'000, 7'200});
    CHECK(berlin->changes[1] == core::ZoneSpan::Change{1'792'890'000'000, 3'600});
    const auto summer = zone_span("Europe/Berlin", 1'774'746'000'000, 1'774'746'000'001);
    REQUIRE(summer);
    CHECK(summer->offset_s == 7'200);
    CHECK(summer->changes.empty());
}

TEST_CASE("zones without changes, with half hours, and links") {
    const auto kolkata = zone_span("Asia/Kolkata", new_year, new_year + 5 * year_ms);
    REQUIRE(kolkata);
    CHECK(kolkata->offset_s == 19'800);
    CHECK(kolkata->changes.empty());
    const auto utc = zone_span("UTC", new_year, new_year + 5 * year_ms);
    REQUIRE(utc);
    CHECK(utc->offset_s == 0);
    const auto lord_howe = zone_span("Australia/Lord_Howe", new_year, new_year + year_ms);
    REQUIRE(lord_howe);
    REQUIRE(lord_howe->changes.size() == 2);
    CHECK(lord_howe->offset_s - lord_howe->changes[0].offset_s == 1'800);
    CHECK(zone_span("US/Eastern", new_year, new_year + year_ms) ==
          zone_span("America/New_York", new_year, new_year + year_ms));
}

TEST_CASE("the database says the changes of many years ahead") {
    const auto berlin = zone_span("Europe/Berlin", new_year, new_year + 130 * year_ms);
    REQUIRE(berlin);
    CHECK(berlin->changes.size() == 24);
}

TEST_CASE("what is no zone is told apart") {
    for (const std::string name :
         {"", "Berlin", "Europe/Atlantis", "../../../etc/passwd", "/etc/localtime", "Europe", "zone.tab", "leapseconds",
          "tzdata.zi", "leap-seconds.list", "europe/berlin", "Europe/Berlin ", "posix/Europe/Berlin"}) {
        CAPTURE(name);
        CHECK_FALSE(zone_span(name, new_year, new_year + year_ms));
    }
    CHECK_FALSE(zone_span(std::string("UTC\0x", 5), new_year, new_year + year_ms));
    CHECK_FALSE(zone_span(std::string(100'000, 'x'), new_year, new_year + year_ms));
}
