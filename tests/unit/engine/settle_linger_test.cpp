#include "server/engine/settle_linger.hpp"

#include <catch2/catch.hpp>

namespace baton::engine::test {

namespace {

using namespace std::chrono_literals;
using Time = SettleLinger::Time;

core::Request request_with(core::RequestBody body) {
    core::Request request;
    request.body = std::move(body);
    return request;
}

/// One message every `gap`, each with its ack in a round of its own a little later; returns the time of the last.
Time steady_traffic(SettleLinger& linger, std::chrono::microseconds gap) {
    Time now{1h};
    for (int i = 0; i < 100; ++i) {
        now += gap;
        linger.entered(request_with(core::Produce{}), now);
        linger.sealed();
    }
    return now;
}

}  // namespace

TEST_CASE("an ack waits for the message that is on its way, and no longer than two of the usual gaps") {
    SettleLinger linger;
    const Time last = steady_traffic(linger, 400us);
    linger.entered(request_with(core::Settle{}), last + 200us);
    const auto until = linger.hold_until();
    REQUIRE(until);
    CHECK(*until > last + 700us);
    CHECK(*until <= last + 900us);
}

TEST_CASE("an ack is held for a millisecond at most, whenever the next message should come") {
    SettleLinger linger;
    const Time last = steady_traffic(linger, 900us);
    linger.entered(request_with(core::Settle{}), last + 100us);
    REQUIRE(linger.hold_until());
    CHECK(*linger.hold_until() <= last + 100us + SettleLinger::wait_max);
}

TEST_CASE("rare messages are not waited for") {
    SettleLinger linger;
    const Time last = steady_traffic(linger, 5'000us);
    linger.entered(request_with(core::Settle{}), last + 100us);
    CHECK_FALSE(linger.hold_until());
}

TEST_CASE("before anything was produced nothing is held") {
    SettleLinger linger;
    linger.entered(request_with(core::Settle{}), Time{1h});
    CHECK_FALSE(linger.hold_until());
}

TEST_CASE("a round with a message, a fetch or anything else is not held") {
    SettleLinger linger;
    const Time last = steady_traffic(linger, 400us);
    core::Settle fetching;
    fetching.fetch = core::Fetch{};
    const auto held_with = [&](core::RequestBody body) {
        linger.entered(request_with(core::Settle{}), last + 100us);
        linger.entered(request_with(std::move(body)), last + 200us);
        const bool held = linger.hold_until().has_value();
        linger.sealed();
        return held;
    };
    CHECK(held_with(core::Settle{}));
    CHECK_FALSE(held_with(fetching));
    CHECK_FALSE(held_with(core::ShowQueue{}));
    CHECK_FALSE(held_with(core::Produce{}));
    linger.entered(request_with(core::Settle{}), last + 100us);
    linger.other();
    CHECK_FALSE(linger.hold_until());
}

TEST_CASE("one long pause between messages does not hide their rhythm") {
    SettleLinger linger;
    Time now = steady_traffic(linger, 300us) + 1h;
    linger.entered(request_with(core::Produce{}), now);
    linger.sealed();
    linger.entered(request_with(core::Settle{}), now + 100us);
    CHECK(linger.hold_until());
}

}  // namespace baton::engine::test
