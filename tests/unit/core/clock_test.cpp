#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;

namespace {

constexpr DurationMs one_hour_ms = 3'600'000;

CoreOptions virtual_clock() {
    CoreOptions options;
    options.virtual_clock = true;
    return options;
}

EntryOptions delayed_by(DurationMs by) {
    EntryOptions options;
    options.delay_ms = by;
    return options;
}

}  // namespace

TEST_CASE("a virtual clock stands still until it is moved, and says so") {
    Broker broker(virtual_clock());
    const TimeMs start = broker.now();
    REQUIRE(broker.expect<ClockShown>(ShowClock{}).now == start);
    REQUIRE(broker.expect<ClockShown>(ShowClock{}).is_virtual);

    const auto moved = broker.expect<ClockShown>(AdvanceClock{2 * one_hour_ms});

    REQUIRE(moved.now == start + 2 * one_hour_ms);
    REQUIRE(broker.expect<ClockShown>(ShowClock{}).now == start + 2 * one_hour_ms);
}

TEST_CASE("an advance stops at each due message in order, and is answered after the last") {
    Broker broker(virtual_clock());
    QueueSettingsChange long_lease;
    long_lease.lease_ms = limits::lease_ms_max;
    broker.create("mail", long_lease);
    broker.produce("mail", {"third"}, delayed_by(48 * one_hour_ms));
    broker.produce("mail", {"first"}, delayed_by(one_hour_ms));
    broker.produce("mail", {"second"}, delayed_by(one_hour_ms + 1));
    broker.produce("mail", {"beyond"}, delayed_by(48 * one_hour_ms + 1));
    broker.consume("mail");

    broker.expect<ClockShown>(AdvanceClock{48 * one_hour_ms});

    std::vector<std::string> fresh;
    for (const auto& one : broker.take()) {
        if (one.counters.deliveries == 1) {
            fresh.push_back(one.payload);
        }
    }
    REQUIRE(fresh == std::vector<std::string>{"first", "second", "third"});
    REQUIRE(broker.show("mail").delayed == 1);
}

TEST_CASE("leases end on the way of an advance") {
    Broker broker(virtual_clock());
    broker.create("mail");
    broker.produce("mail", {"one"});
    broker.consume("mail", 1);
    const auto held = broker.take_one();
    broker.settle_ok(held, Started{});

    broker.expect<ClockShown>(AdvanceClock{29'999});
    REQUIRE(broker.take().empty());
    broker.expect<ClockShown>(AdvanceClock{1});

    const auto again = broker.take_one();
    REQUIRE(again.counters.lease_losses == 1);
    REQUIRE(again.cause == Cause::lease_expired);
}

TEST_CASE("advances asked for together go one after the other") {
    Broker broker(virtual_clock());
    const TimeMs start = broker.now();
    Request first, second;
    first.connection = second.connection = ConnectionId{1};
    first.id = RequestId{901};
    first.body = AdvanceClock{10};
    second.id = RequestId{902};
    second.body = AdvanceClock{5};
    broker.driver().apply(std::move(first));
    broker.driver().apply(std::move(second));

    broker.tell(ShowClock{});

    REQUIRE(std::get<ClockShown>(*broker.reply_to(901)).now == start + 10);
    REQUIRE(std::get<ClockShown>(*broker.reply_to(902)).now == start + 15);
}

TEST_CASE("a clock that is real is not moved") {
    Broker broker;
    const auto refusal = broker.expect<Refusal>(AdvanceClock{1});
    REQUIRE(refusal.code == RefusalCode::clock_not_virtual);
    REQUIRE_FALSE(broker.expect<ClockShown>(ShowClock{}).is_virtual);
}

TEST_CASE("an advance keeps to its bounds") {
    Broker broker(virtual_clock());
    for (const DurationMs by : {DurationMs{-1}, limits::ten_years_ms + 1}) {
        const auto refusal = broker.expect<Refusal>(AdvanceClock{by});
        REQUIRE(refusal.code == RefusalCode::invalid_argument);
        REQUIRE(refusal.field == "advance_clock.by_ms");
    }
    broker.driver().advance_to(limits::time_ms_max - 5);
    REQUIRE(broker.refusal(AdvanceClock{6}) == RefusalCode::invalid_argument);
    REQUIRE(broker.expect<ClockShown>(AdvanceClock{5}).now == limits::time_ms_max);
}

TEST_CASE("a producer born in real time is known beside a clock that went far ahead") {
    Broker broker(virtual_clock());
    broker.create("mail");
    const TimeMs born = broker.now();
    broker.expect<ClockShown>(AdvanceClock{30 * 24 * one_hour_ms});
    Produce produce = Broker::batch("mail", {"one"});
    produce.producer = 77;
    produce.producer_created_at = born;
    produce.sequence = 1;

    REQUIRE(broker.expect<Produced>(produce).count == 1);
    REQUIRE(broker.expect<Produced>(produce).duplicate);
}

TEST_CASE("a waiting fetch outlasts an advance and gets what becomes due") {
    Broker broker(virtual_clock());
    broker.create("mail");
    broker.produce("mail", {"late"}, delayed_by(one_hour_ms));
    broker.consume("mail", 0);
    broker.tell(broker.fetch_of(1, 5'000));

    broker.expect<ClockShown>(AdvanceClock{one_hour_ms});

    REQUIRE(broker.take_one().payload == "late");
}
