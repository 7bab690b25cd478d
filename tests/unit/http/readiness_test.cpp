#include "server/http/readiness.hpp"

#include <catch2/catch.hpp>

namespace baton::http::test {

TEST_CASE("an idle daemon is ready") { CHECK(not_ready_because(DaemonPhase::running, {}).empty()); }

TEST_CASE("a daemon that starts or stops is not ready") {
    CHECK(not_ready_because(DaemonPhase::starting, {}).size() == 1);
    CHECK(not_ready_because(DaemonPhase::draining, {}).size() == 1);
}

TEST_CASE("each thing that is stuck is named") {
    engine::EngineStatus status;
    SECTION("a write") {
        status.commit_in_flight_us = 5'000'001;
        CHECK(not_ready_because(DaemonPhase::running, status).at(0).find("disk") != std::string::npos);
        status.commit_in_flight_us = 5'000'000;
    }
    SECTION("timers") {
        status.timer_late_ms = 2'001;
        CHECK(not_ready_because(DaemonPhase::running, status).at(0).find("timers") != std::string::npos);
        status.timer_late_ms = 2'000;
    }
    SECTION("the core thread") {
        status.core_idle_us = 5'000'001;
        CHECK(not_ready_because(DaemonPhase::running, status).at(0).find("core") != std::string::npos);
        status.core_idle_us = 5'000'000;
    }
    SECTION("the disk's space") {
        status.space = storage::SpaceState::low;
        CHECK(not_ready_because(DaemonPhase::running, status).at(0).find("full") != std::string::npos);
        status.space = storage::SpaceState::ample;
    }
    CHECK(not_ready_because(DaemonPhase::running, status).empty());
}

}  // namespace baton::http::test
