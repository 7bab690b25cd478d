#include "server/engine/broker_clock.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace baton::engine::test {

namespace {

/// The two clocks of a machine, moved by hand.
struct Machine {
    ClockReading reading{1'700'000'000'000, 5'000'000'000};

    ReadClock reader() {
        return [this] { return reading; };
    }
    void pass(std::int64_t ms) {
        reading.wall_ms += ms;
        reading.steady_ns += ms * 1'000'000;
    }
    void step_wall(std::int64_t ms) { reading.wall_ms += ms; }
    /// The wall clock stands still or was turned back; only the steady clock goes on.
    void pass_steady(std::int64_t ms) { reading.steady_ns += ms * 1'000'000; }
};

}  // namespace

TEST_CASE("a new data directory begins with the wall clock") {
    Machine machine;
    BrokerClock clock(0, machine.reader(), false);
    CHECK(clock.now() == 1'700'000'000'000);
    machine.pass(1'500);
    CHECK(clock.now() == 1'700'000'001'500);
}

TEST_CASE("the time that passed while stopped has passed") {
    Machine machine;
    BrokerClock clock(1'600'000'000'000, machine.reader(), false);
    CHECK(clock.now() == 1'700'000'000'000);
}

TEST_CASE("a wall clock a little behind the data waits, running a tenth slower and never back") {
    Machine machine;
    const core::TimeMs last = machine.reading.wall_ms + 60'000;
    BrokerClock clock(last, machine.reader(), false);
    CHECK(clock.now() == last);
    machine.pass(10'000);
    CHECK(clock.now() == last + 9'000);
    machine.pass(590'000);
    CHECK(clock.now() == machine.reading.wall_ms);
    machine.pass(1'000);
    CHECK(clock.now() == machine.reading.wall_ms);
}

TEST_CASE("a wall clock far behind the data is refused unless accepted") {
    Machine machine;
    const core::TimeMs last = machine.reading.wall_ms + BrokerClock::behind_ms_max + 1;
    try {
        BrokerClock(last, machine.reader(), false);
        FAIL("the clock was taken");
    } catch (const ClockError& error) {
        CHECK(std::string(error.what()).find("--accept-clock") != std::string::npos);
    }
    CHECK(BrokerClock(last, machine.reader(), true).now() == last);
    CHECK(BrokerClock(last - 1, machine.reader(), false).now() == last - 1);
}

TEST_CASE("small forward steps are followed at once") {
    Machine machine;
    BrokerClock clock(0, machine.reader(), false);
    const core::TimeMs before = clock.now();
    machine.step_wall(BrokerClock::step_ms_max);
    CHECK(clock.now() == before + BrokerClock::step_ms_max);
}

TEST_CASE("large forward steps are followed a minute each second") {
    Machine machine;
    BrokerClock clock(0, machine.reader(), false);
    const core::TimeMs before = clock.now();
    machine.step_wall(10LL * 365 * 24 * 3600 * 1000);
    CHECK(clock.now() == before + 60'000);
    CHECK(clock.now() == before + 60'000);
    machine.pass(999);
    CHECK(clock.now() == before + 60'999);
    machine.pass(1);
    CHECK(clock.now() == before + 121'000);
}

TEST_CASE("a clock that is turned back never turns broker time back, and it goes on") {
    Machine machine;
    BrokerClock clock(0, machine.reader(), false);
    core::TimeMs previous = clock.now();
    const core::TimeMs start = previous;
    machine.step_wall(-3'600'000);
    for (int i = 0; i < 1'000; ++i) {
        machine.pass(10);
        const core::TimeMs now = clock.now();
        CHECK(now >= previous);
        previous = now;
    }
    CHECK(previous == start + 9'000);
}

TEST_CASE("a frozen wall clock does not stop broker time") {
    Machine machine;
    BrokerClock clock(0, machine.reader(), false);
    const core::TimeMs start = clock.now();
    machine.pass_steady(1'000);
    clock.now();
    machine.pass_steady(1'000);
    CHECK(clock.now() == start + 1'800);
}

TEST_CASE("many short turns lose no time to rounding") {
    Machine machine;
    BrokerClock clock(0, machine.reader(), false);
    const core::TimeMs start = clock.now();
    for (int i = 0; i < 100'000; ++i) {
        machine.reading.steady_ns += 10'000;
        clock.now();
    }
    machine.step_wall(1'000);
    CHECK(clock.now() == start + 1'000);
}

TEST_CASE("a steady clock that runs back is taken as standing still") {
    Machine machine;
    BrokerClock clock(0, machine.reader(), false);
    const core::TimeMs start = clock.now();
    machine.reading.steady_ns -= 1'000'000'000;
    CHECK(clock.now() == start);
    machine.reading.steady_ns += 1'000'000'000;
    CHECK(clock.now() == start);
}

TEST_CASE("a virtual clock begins where it ended and moves only when it is told to") {
    Machine machine;
    BrokerClock fresh = BrokerClock::stopped(0, machine.reader());
    CHECK(fresh.now() == machine.reading.wall_ms);
    const core::TimeMs last = machine.reading.wall_ms + 300LL * 365 * 24 * 3'600'000;
    BrokerClock clock = BrokerClock::stopped(last, machine.reader());
    machine.pass(5'000);
    CHECK(clock.now() == last);
    clock.move_to(last + 7);
    CHECK(clock.now() == last + 7);
    clock.move_to(last);
    CHECK(clock.now() == last + 7);
    CHECK(BrokerClock::stopped(1'000, machine.reader()).now() == 1'000);
}

TEST_CASE("the time is not a part of a millisecond ahead of the system's clock") {
    ClockReading reading{1'700'000'000'000, 0, 900'000};
    BrokerClock clock(
        0, [&] { return reading; }, false);
    reading = {1'700'000'000'001, 200'000, 100'000};
    CHECK(clock.now() == 1'700'000'000'001);
    reading = {1'700'000'000'001, 1'050'000, 950'000};
    CHECK(clock.now() == 1'700'000'000'001);
    reading = {1'700'000'000'002, 1'110'000, 10'000};
    CHECK(clock.now() == 1'700'000'000'002);
}

}  // namespace baton::engine::test
