// One thing at a time in the background: told at its end, refused beside another, and stopped.
#include "server/daemon/background_work.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <string>
#include <thread>

namespace baton::daemon::test {

using Begun = BackgroundWork::Begun;

TEST_CASE("work that has begun is told at its end, and the next may begin by then") {
    BackgroundWork background;
    for (int i = 0; i < 100; ++i) {
        std::promise<void> told;
        REQUIRE(background.begin([&] { return [&] { told.set_value(); }; }) == Begun::yes);
        told.get_future().wait();
    }
}

TEST_CASE("while work is running no other begins") {
    BackgroundWork background;
    std::promise<void> go_on;
    CHECK(background.begin([&] {
        go_on.get_future().wait();
        return [] {};
    }) == Begun::yes);
    CHECK(background.begin([] { return [] {}; }) == Begun::busy);
    go_on.set_value();
}

TEST_CASE("a stop makes what runs end, waits until it was told, and lets nothing begin") {
    BackgroundWork background;
    std::string told;
    background.begin([&] {
        while (!background.stopping()) {
            std::this_thread::yield();
        }
        return [&] { told = "stopped"; };
    });
    background.stop();
    CHECK(told == "stopped");
    CHECK(background.begin([] { return [] {}; }) == Begun::stopped);
}

}  // namespace baton::daemon::test
