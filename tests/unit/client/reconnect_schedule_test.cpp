#include "client/reconnect_schedule.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using baton::detail::reconnect_delay;

TEST_CASE("the wait doubles with each attempt up to the cap") {
    CHECK(reconnect_delay(0, 100ms, 10s, 1.0) == 100ms);
    CHECK(reconnect_delay(1, 100ms, 10s, 1.0) == 200ms);
    CHECK(reconnect_delay(5, 100ms, 10s, 1.0) == 3200ms);
    CHECK(reconnect_delay(7, 100ms, 10s, 1.0) == 10s);
    CHECK(reconnect_delay(4'000'000'000U, 100ms, 10s, 1.0) == 10s);
}

TEST_CASE("the jitter spreads over the whole wait") {
    CHECK(reconnect_delay(3, 100ms, 10s, 0.0) == 0ms);
    CHECK(reconnect_delay(3, 100ms, 10s, 0.5) == 400ms);
    CHECK(reconnect_delay(9, 100ms, 10s, 0.25) == 2500ms);
}

TEST_CASE("a base above the cap is cut to it") { CHECK(reconnect_delay(0, 5s, 1s, 1.0) == 1s); }
