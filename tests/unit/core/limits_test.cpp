#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;
using baton::tests::Delivered;

namespace {

QueueSettingsChange rate(std::uint64_t permits, DurationMs per_ms, std::uint64_t burst = 0) {
    QueueSettingsChange change;
    change.rate_limit = RateLimit{permits, per_ms, burst};
    return change;
}

QueueSettingsChange in_flight(std::uint32_t most) {
    QueueSettingsChange change;
    change.max_in_flight = most;
    return change;
}

std::vector<std::string> numbered(int count) {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) {
        all.push_back(std::to_string(i));
    }
    return all;
}

void refused_setting(const QueueSettingsChange& change, const char* field) {
    Broker broker;
    const auto refusal = broker.expect<Refusal>(CreateQueue{"mail", Profile::message, change, false});
    REQUIRE(refusal.code == RefusalCode::invalid_argument);
    REQUIRE(refusal.field == field);
    REQUIRE(broker.refusal(ShowQueue{"mail"}) == RefusalCode::queue_not_found);
}

}  // namespace

TEST_CASE("a rate limit lets its burst through, then one message for each permit, in order") {
    Broker broker;
    broker.create("mail", rate(2, 1'000, 3));
    broker.consume("mail");
    broker.produce("mail", numbered(6));

    REQUIRE(broker.take_payloads() == std::vector<std::string>{"0", "1", "2"});
    const auto held = broker.show("mail");
    REQUIRE(held.hold == Hold::rate);
    REQUIRE(held.held_until == broker.now() + 500);
    broker.advance(499);
    REQUIRE(broker.take().empty());
    broker.advance(1);
    REQUIRE(broker.take_payloads() == std::vector<std::string>{"3"});
    broker.advance(1'000);
    REQUIRE(broker.take_payloads() == std::vector<std::string>{"4", "5"});
}

TEST_CASE("a limited queue sleeps until its next permit, also with a fetch waiting and a message of the lane ready") {
    Broker broker;
    broker.create("mail", rate(1, 60'000));
    broker.produce("mail", {"one"});
    EntryOptions soon;
    soon.delay_ms = 10;
    broker.produce("mail", {"two"}, soon);
    broker.consume("mail", 0);
    const auto first = broker.fetch(1);
    REQUIRE(first.size() == 1);
    broker.advance(10);
    broker.tell(broker.fetch_of(1, 20'000));
    broker.ack(first.front());

    // Past the bookkeeping of what was delivered, the fetch's end is next, and then the permit.
    broker.advance(1'000);
    const auto next = broker.driver().core().next_deadline();
    REQUIRE(next);
    REQUIRE(*next > broker.now() + 10'000);
    broker.take_frames();
    broker.advance(19'000);
    REQUIRE(broker.take_frames().size() == 1);
    REQUIRE(broker.take().empty());
}

TEST_CASE("the state of a rate limit survives a restart") {
    Broker broker;
    broker.create("mail", rate(1, 60'000, 2));
    broker.produce("mail", numbered(4));
    broker.consume("mail");
    for (const Delivered& one : broker.take()) {
        broker.ack(one);
    }
    broker.advance(20'000);

    broker.restart();
    broker.connect(2);
    broker.consume("mail");

    REQUIRE(broker.take().empty());
    broker.advance(39'999);
    REQUIRE(broker.take().empty());
    broker.advance(1);
    REQUIRE(broker.take_one().payload == "2");
}

TEST_CASE("competing consumers share the permits that there are") {
    Broker broker;
    broker.create("mail", rate(4, 1'000));
    broker.consume("mail", 100, 1);
    broker.consume("mail", 100, 2);
    broker.produce("mail", numbered(20));

    std::map<std::uint64_t, int> got;
    for (const Delivered& one : broker.take()) {
        got[one.consumer] += 1;
    }
    REQUIRE(got == std::map<std::uint64_t, int>{{1, 2}, {2, 2}});
}

TEST_CASE("a change of the rate counts from what is saved, and taking it away delivers at once") {
    Broker broker;
    broker.create("mail", rate(1, 60'000));
    broker.consume("mail");
    broker.produce("mail", numbered(4));
    broker.take();

    broker.update("mail", rate(2, 1'000));
    REQUIRE(broker.take().empty());
    broker.advance(500);
    REQUIRE(broker.take_one().payload == "1");
    broker.update("mail", rate(0, 0));
    REQUIRE(broker.take_payloads() == std::vector<std::string>{"2", "3"});
}

TEST_CASE("no more is in flight than the queue allows, whoever holds it") {
    Broker broker;
    broker.create("mail", in_flight(3));
    broker.consume("mail", 100, 1);
    broker.consume("mail", 100, 2);
    broker.produce("mail", numbered(6));

    auto held = broker.take();
    REQUIRE(held.size() == 3);
    REQUIRE(broker.show("mail").hold == Hold::in_flight);
    broker.ack(held[1]);
    REQUIRE(broker.take_one().payload == "3");
    broker.fail(held[0]);
    REQUIRE(broker.take_one().payload == "4");
}

TEST_CASE("what a restart keeps in flight counts, and its end makes room") {
    Broker broker;
    QueueSettingsChange settings = in_flight(2);
    settings.lease_ms = 10'000;
    broker.create("mail", settings);
    broker.produce("mail", numbered(4));
    broker.consume("mail");
    const auto held = broker.take();
    REQUIRE(held.size() == 2);

    broker.restart();
    broker.connect(2);
    broker.consume("mail");
    REQUIRE(broker.take().empty());
    broker.ack(held[0]);
    REQUIRE(broker.take_one().payload == "2");
}

TEST_CASE("messages of the lane that may have been delivered before a restart count until their grace ends") {
    Broker broker;
    broker.create("mail", in_flight(1));
    EntryOptions soon;
    soon.delay_ms = 10;
    broker.produce("mail", {"delayed"}, soon);
    broker.consume("mail");
    broker.advance(10);
    const auto held = broker.take_one();
    broker.produce("mail", {"plain"});

    broker.restart();
    broker.connect(2);
    broker.consume("mail");
    REQUIRE(broker.take().empty());
    REQUIRE(broker.show("mail").hold == Hold::restart);
    broker.ack(held);
    REQUIRE(broker.take_one().payload == "plain");
}

TEST_CASE("a pause until a time ends by itself, also over a restart") {
    Broker broker;
    broker.create("mail");
    QueueSettingsChange pause;
    pause.pause_for_ms = 60'000;
    broker.update("mail", pause);
    broker.consume("mail");
    broker.produce("mail", {"one"});
    REQUIRE(broker.show("mail").hold == Hold::paused_until);
    REQUIRE(broker.show("mail").held_until == broker.now() + 60'000);

    broker.advance(30'000);
    broker.restart();
    broker.connect(2);
    broker.consume("mail");
    broker.advance(29'999);
    REQUIRE(broker.take().empty());
    broker.advance(1);
    REQUIRE(broker.take_one().payload == "one");
    REQUIRE(broker.show("mail").hold == Hold::none);
}

TEST_CASE("a penalty holds the queue back, a longer one stays, and 0 ends it") {
    Broker broker;
    broker.create("mail");
    broker.consume("mail");
    REQUIRE(broker.expect<QueueInfo>(Penalise{"mail", 30'000}).hold == Hold::penalty);
    REQUIRE(broker.expect<QueueInfo>(Penalise{"mail", 10'000}).held_until == broker.now() + 30'000);
    broker.produce("mail", {"one"});
    broker.advance(29'999);
    REQUIRE(broker.take().empty());
    broker.advance(1);
    const auto one = broker.take_one();

    broker.expect<QueueInfo>(Penalise{"mail", 30'000});
    broker.produce("mail", {"two"});
    REQUIRE(broker.take().empty());
    REQUIRE(broker.expect<QueueInfo>(Penalise{"mail", 0}).hold == Hold::none);
    REQUIRE(broker.take_one().payload == "two");
    broker.ack(one);
}

TEST_CASE("a penalty survives a restart") {
    Broker broker;
    broker.create("mail");
    broker.produce("mail", {"one"});
    broker.expect<QueueInfo>(Penalise{"mail", 60'000});

    broker.restart();
    broker.connect(2);
    broker.consume("mail");

    REQUIRE(broker.show("mail").hold == Hold::penalty);
    broker.advance(59'999);
    REQUIRE(broker.take().empty());
    broker.advance(1);
    REQUIRE(broker.take_one().payload == "one");
}

TEST_CASE("a release with a penalty counts no failure and keeps the message's place") {
    Broker broker;
    broker.create("mail");
    broker.consume("mail", 1);
    broker.produce("mail", numbered(3));
    const auto limited = broker.take_one();

    broker.settle_ok(limited, Release{0, 5'000});

    REQUIRE(broker.show("mail").hold == Hold::penalty);
    broker.advance(4'999);
    REQUIRE(broker.take().empty());
    broker.advance(1);
    const auto again = broker.take_one();
    REQUIRE(again.payload == "0");
    REQUIRE(again.counters.failures == 0);
    REQUIRE(again.counters.lease_losses == 0);
    REQUIRE(again.cause == Cause::released);
}

TEST_CASE("limits out of range are refused with their field") {
    refused_setting(rate(0, 1'000), "settings.rate_limit.permits");
    refused_setting(rate(limits::rate_permits_max + 1, 1'000), "settings.rate_limit.permits");
    refused_setting(rate(1, 0), "settings.rate_limit.per_ms");
    refused_setting(rate(1, -5), "settings.rate_limit.per_ms");
    refused_setting(rate(1, limits::rate_per_ms_max + 1), "settings.rate_limit.per_ms");
    refused_setting(rate(1, 1, limits::rate_permits_max + 1), "settings.rate_limit.burst");
    QueueSettingsChange past;
    past.paused_until = -1;
    refused_setting(past, "settings.paused_until_ms");
    past.paused_until = limits::time_ms_max + 1;
    refused_setting(past, "settings.paused_until_ms");
}

TEST_CASE("penalties out of range or for no queue are refused") {
    Broker broker;
    broker.create("mail");
    REQUIRE(broker.refusal(Penalise{"none", 1}) == RefusalCode::queue_not_found);
    REQUIRE(broker.expect<Refusal>(Penalise{"mail", -1}).field == "penalise.penalty_ms");
    REQUIRE(broker.expect<Refusal>(Penalise{"mail", limits::ten_years_ms + 1}).field == "penalise.penalty_ms");
    broker.consume("mail", 1);
    broker.produce("mail", {"one"});
    const auto settle = Broker::settle_of(broker.take_one(), Release{0, limits::ten_years_ms + 1});
    REQUIRE(broker.expect<Refusal>(settle).field == "settlements.penalise.penalty_ms");
}
