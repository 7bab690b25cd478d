#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;

namespace {

EntryOptions delayed(DurationMs by) {
    EntryOptions options;
    options.delay_ms = by;
    return options;
}

QueueSettingsChange backoff(Backoff::Kind kind, std::int64_t base, std::int64_t cap, std::uint32_t jitter = 0,
                            std::vector<std::int64_t> list = {}) {
    QueueSettingsChange change;
    change.backoff = Backoff{kind, base, cap, jitter, std::move(list)};
    return change;
}

/// Produces one message, then fails it again and again; the times from each failure to the next delivery.
std::vector<DurationMs> measured_backoff(const QueueSettingsChange& settings, int failures) {
    Broker broker;
    QueueSettingsChange long_lease = settings;
    long_lease.lease_ms = limits::lease_ms_max;
    broker.create("mail", long_lease);
    broker.produce("mail", {"one"});
    broker.consume("mail", 1);
    std::vector<DurationMs> all;
    for (int i = 0; i < failures; ++i) {
        broker.fail(broker.take_one());
        const auto due = broker.peek("mail", MessageState::delayed).messages;
        const TimeMs failed_at = broker.now();
        if (due.empty()) {
            all.push_back(0);
            continue;
        }
        all.push_back(due.front().at - failed_at);
        broker.advance(all.back() - 1);
        REQUIRE(broker.show("mail").leased == 0);
        broker.advance(1);
        REQUIRE(broker.show("mail").leased == 1);
    }
    return all;
}

}  // namespace

TEST_CASE("a delayed message comes exactly when it is due, not a millisecond before") {
    Broker broker;
    broker.create("mail");
    broker.consume("mail");
    broker.produce("mail", {"late"}, delayed(500));
    REQUIRE(broker.show("mail").delayed == 1);

    broker.advance(499);
    REQUIRE(broker.take().empty());

    broker.advance(1);
    REQUIRE(broker.take_one().payload == "late");
}

TEST_CASE("a due time in the past means now") {
    Broker broker;
    broker.create("mail");
    broker.consume("mail");
    EntryOptions options;
    options.due_at = broker.now() - 5'000;

    broker.produce("mail", {"at once"}, options);

    REQUIRE(broker.take_one().payload == "at once");
}

TEST_CASE("messages that become due stand behind what waited before and ahead of what came after") {
    Broker broker;
    broker.create("mail");
    broker.produce("mail", {"delayed"}, delayed(100));
    broker.produce("mail", {"before"});
    broker.advance(200);
    broker.produce("mail", {"after"});

    broker.consume("mail");

    REQUIRE(broker.take_payloads() == std::vector<std::string>{"before", "delayed", "after"});
}

TEST_CASE("a delay far ahead survives a restart and is still exact") {
    Broker broker;
    broker.create("mail");
    broker.produce("mail", {"next year"}, delayed(365LL * 24 * 3600 * 1000));

    broker.restart();
    broker.connect(2);
    broker.consume("mail");
    broker.advance(365LL * 24 * 3600 * 1000 - 1);
    REQUIRE(broker.take().empty());

    broker.advance(1);
    REQUIRE(broker.take_one().payload == "next year");
}

TEST_CASE("fixed backoff is always the same") {
    REQUIRE(measured_backoff(backoff(Backoff::Kind::fixed, 300, 10'000), 3) == std::vector<DurationMs>{300, 300, 300});
}

TEST_CASE("linear backoff grows by its base up to the cap") {
    REQUIRE(measured_backoff(backoff(Backoff::Kind::linear, 300, 700), 4) ==
            std::vector<DurationMs>{300, 600, 700, 700});
}

TEST_CASE("exponential backoff doubles up to the cap") {
    REQUIRE(measured_backoff(backoff(Backoff::Kind::exponential, 100, 500), 5) ==
            std::vector<DurationMs>{100, 200, 400, 500, 500});
}

TEST_CASE("listed backoff goes through its list and repeats the last") {
    REQUIRE(measured_backoff(backoff(Backoff::Kind::list, 0, 10'000, 0, {50, 0, 900}), 4) ==
            std::vector<DurationMs>{50, 0, 900, 900});
}

TEST_CASE("jitter shortens a backoff by at most its share, the same way every time") {
    const auto jittered = measured_backoff(backoff(Backoff::Kind::fixed, 1'000, 10'000, 500), 8);

    bool some_shorter = false;
    for (const DurationMs delay : jittered) {
        REQUIRE(delay >= 500);
        REQUIRE(delay <= 1'000);
        some_shorter = some_shorter || delay < 1'000;
    }
    REQUIRE(some_shorter);
    REQUIRE(measured_backoff(backoff(Backoff::Kind::fixed, 1'000, 10'000, 500), 8) == jittered);
}

TEST_CASE("a failure may name its own delay instead of the backoff") {
    Broker broker;
    broker.create("mail", backoff(Backoff::Kind::fixed, 60'000, 60'000));
    broker.produce("mail", {"one"});
    broker.consume("mail");
    Fail fail;
    fail.retry_after_ms = 10;

    broker.settle_ok(broker.take_one(), fail);

    broker.advance(9);
    REQUIRE(broker.take().empty());
    broker.advance(1);
    REQUIRE(broker.take_one().counters.failures == 1);
}

TEST_CASE("a message past its time to live is never delivered and is counted as expired") {
    Broker broker;
    broker.create("mail");
    EntryOptions brief;
    brief.ttl_ms = 100;
    broker.produce("mail", {"brief"}, brief);
    broker.produce("mail", {"lasting"});

    broker.advance(100);
    broker.consume("mail");

    REQUIRE(broker.take_payloads() == std::vector<std::string>{"lasting"});
    REQUIRE(broker.show("mail").totals.expired == 1);
    REQUIRE(broker.show("mail").failed == 0);
}

TEST_CASE("a message is still delivered in the last millisecond of its time to live") {
    Broker broker;
    QueueSettingsChange ttl;
    ttl.message_ttl_ms = 100;
    broker.create("mail", ttl);
    broker.produce("mail", {"just in time"});

    broker.advance(99);
    broker.consume("mail");

    REQUIRE(broker.take_one().payload == "just in time");
}

TEST_CASE("the shorter of the queue's and the message's time to live counts") {
    Broker broker;
    QueueSettingsChange ttl;
    ttl.message_ttl_ms = 50;
    broker.create("mail", ttl);
    EntryOptions longer;
    longer.ttl_ms = 5'000;
    broker.produce("mail", {"one"}, longer);

    broker.advance(50);
    broker.consume("mail");

    REQUIRE(broker.take().empty());
    REQUIRE(broker.show("mail").totals.expired == 1);
}

TEST_CASE("an expired message goes to the dead-letter queue with the reason") {
    Broker broker;
    broker.create("dead");
    QueueSettingsChange settings;
    settings.message_ttl_ms = 50;
    settings.dead_letter_queue = "dead";
    broker.create("mail", settings);
    broker.produce("mail", {"old news"});
    broker.advance(60);
    broker.consume("mail");

    broker.consume("dead", 10, 2);

    const auto moved = broker.take_one();
    REQUIRE(moved.payload == "old news");
    REQUIRE(moved.origin);
    REQUIRE(moved.origin->reason == EndReason::expired);
    REQUIRE(broker.show("mail").totals.dead_lettered == 1);
}
