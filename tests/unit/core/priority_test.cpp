// Order by priority: the rank, what goes in front, aging, and that every way back keeps the place.
#include "server/core/schedule_spec.hpp"
#include "tests/unit/core/broker.hpp"

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::of_priority;
using Payloads = std::vector<std::string>;

namespace {

EntryOptions lifo(std::uint32_t level = 0) {
    EntryOptions options = of_priority(level);
    options.lifo = true;
    return options;
}

EntryOptions delayed(EntryOptions options, DurationMs delay_ms) {
    options.delay_ms = delay_ms;
    return options;
}

QueueSettingsChange at_once() {
    QueueSettingsChange settings;
    settings.backoff = Backoff{Backoff::Kind::fixed, 0, 0, 0, {}};
    return settings;
}

}  // namespace

TEST_CASE("a lower number goes first, none goes before all, and within a level time decides") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    broker.produce("q", {"five-1"}, of_priority(5));
    broker.produce("q", {"one-1"}, of_priority(1));
    broker.produce("q", {"plain-1"});
    broker.produce("q", {"five-2"}, of_priority(5));
    broker.advance(1);
    broker.produce("q", {"one-2"}, of_priority(1));
    broker.produce("q", {"last"}, of_priority(limits::priority_max));
    broker.produce("q", {"plain-2"});
    CHECK(broker.show("q").waiting == 2);
    CHECK(broker.show("q").prioritized == 5);
    CHECK(broker.fetch_payloads() == Payloads{"plain-1", "plain-2", "one-1", "one-2", "five-1", "five-2", "last"});
    CHECK(broker.show("q").prioritized == 0);
    CHECK(broker.show("q").leased == 7);
}

TEST_CASE("what is last in goes first in its own priority only") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    broker.produce("q", {"plain"});
    broker.produce("q", {"two"}, of_priority(2));
    broker.produce("q", {"two front a", "two front b"}, lifo(2));
    broker.produce("q", {"front a"}, lifo());
    broker.produce("q", {"front b"}, lifo());
    CHECK(broker.fetch_payloads() == Payloads{"front b", "front a", "plain", "two front b", "two front a", "two"});
}

TEST_CASE("a delayed message with a priority takes its place when it is due") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    broker.produce("q", {"nine"}, delayed(of_priority(9), 100));
    broker.produce("q", {"three"}, delayed(of_priority(3), 100));
    broker.produce("q", {"plain"}, delayed({}, 100));
    broker.produce("q", {"three again"}, delayed(of_priority(3), 100));
    broker.produce("q", {"waits"}, of_priority(4));
    CHECK(broker.show("q").delayed == 4);
    broker.advance(99);
    CHECK(broker.show("q").prioritized == 1);
    broker.advance(1);
    CHECK(broker.show("q").delayed == 0);
    CHECK(broker.fetch_payloads() == Payloads{"plain", "three", "three again", "waits", "nine"});
}

TEST_CASE("every way back keeps priority and place") {
    Broker broker;
    broker.create("q", at_once());
    broker.consume("q", 0);
    broker.produce("q", {"first"}, of_priority(5));
    broker.advance(1);
    broker.produce("q", {"second"}, of_priority(5));
    const auto held = broker.fetch(1);
    REQUIRE(held.size() == 1);
    const std::string way = GENERATE("fail", "release", "lease", "restart", "delayed release", "failed set");
    INFO(way);
    if (way == "fail") {
        broker.fail(held.front());
    } else if (way == "release") {
        broker.settle_ok(held.front(), Release{0});
    } else if (way == "delayed release") {
        broker.settle_ok(held.front(), Release{500});
        broker.advance(500);
    } else if (way == "lease") {
        broker.advance(31'000);
    } else if (way == "restart") {
        broker.restart();
        broker.connect(2);
        broker.advance(31'000);
        broker.consume("q", 0, 2);
    } else {
        Fail fail;
        fail.terminal = true;
        broker.settle_ok(held.front(), fail);
        broker.expect<Counted>(RetryFailed{"q", {}, false});
    }
    broker.produce("q", {"third"}, of_priority(5));
    CHECK(broker.show("q").prioritized == 3);
    Payloads order;
    for (const auto& one : broker.fetch(10, way == "restart" ? 2 : 1)) {
        order.push_back(one.payload);
        CHECK(one.counters.deliveries == (one.payload == "first" && way != "failed set" ? 2 : 1));
    }
    CHECK(order == Payloads{"first", "second", "third"});
}

TEST_CASE("waiting is worth steps of priority where a queue ages") {
    Broker broker;
    QueueSettingsChange settings;
    settings.aging_ms = 1'000;
    broker.create("q", settings);
    broker.consume("q", 0);
    broker.produce("q", {"old three"}, of_priority(3));
    broker.advance(1'500);
    broker.produce("q", {"one"}, of_priority(1));
    broker.produce("q", {"two"}, of_priority(2));
    broker.advance(1'000);
    broker.produce("q", {"plain"});
    broker.produce("q", {"new one"}, of_priority(1));
    // Ranks after the start: 3000, 2500, 3500, 2500, 3500.
    CHECK(broker.fetch_payloads() == Payloads{"one", "plain", "old three", "two", "new one"});
}

TEST_CASE("aging is refused while something has a place by the old rule, and excludes going in front") {
    Broker broker;
    broker.create("q");
    broker.produce("q", {"a"}, of_priority(3));
    QueueSettingsChange aging;
    aging.aging_ms = 10;
    const auto refusal = broker.expect<Refusal>(UpdateQueue{"q", aging});
    CHECK(refusal.field == "settings.aging_ms");
    broker.create("old", aging);
    const auto front = broker.expect<Refusal>(Broker::batch("old", {"a"}, lifo()));
    CHECK(front.field == "options.lifo");
    aging.aging_ms = limits::aging_ms_max + 1;
    CHECK(broker.expect<Refusal>(CreateQueue{"new", Profile::message, aging, false}).field == "settings.aging_ms");
    const auto level = broker.expect<Refusal>(Broker::batch("q", {"a"}, of_priority(limits::priority_max + 1)));
    CHECK(level.field == "options.priority");
    CHECK(level.limit == limits::priority_max);
}

TEST_CASE("a lease of a prioritized message stands after a restart, and its old token settles it") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    broker.produce("q", {"a", "b"}, of_priority(5));
    const auto held = broker.fetch(2);
    REQUIRE(held.size() == 2);
    broker.settle_ok(held[0], Release{0});
    broker.restart();
    broker.connect(2);
    CHECK(broker.show("q").leased == 1);
    CHECK(broker.show("q").prioritized == 1);
    broker.ack(held[1]);
    CHECK(broker.show("q").leased == 0);
    broker.consume("q", 0, 2);
    const auto again = broker.fetch(5, 2);
    REQUIRE(again.size() == 1);
    CHECK(again.front().payload == "a");
    CHECK(again.front().counters.deliveries == 2);
}

TEST_CASE("an ack that comes late is taken while the message waits in its lane") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    broker.produce("q", {"a"}, of_priority(5));
    const auto held = broker.fetch(1);
    broker.advance(31'000);
    CHECK(broker.show("q").prioritized == 1);
    broker.ack(held.front());
    CHECK(broker.show("q").prioritized == 0);
    CHECK(broker.show("q").live_bytes == 0);
    CHECK(broker.show("q").totals.acked == 1);
}

TEST_CASE("a backlog larger than the window is delivered in order, also when it grows in front") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    std::uint64_t produced = 0;
    for (std::uint32_t round = 0; round < 12; ++round) {
        Payloads batch;
        for (int i = 0; i < 1'000; ++i) {
            batch.push_back(std::to_string(produced++));
        }
        broker.produce("q", batch, of_priority(100 - round));
    }
    if (GENERATE(false, true)) {
        broker.restart();
        broker.connect(2);
        broker.consume("q", 0);
    }
    CHECK(broker.show("q").prioritized == 12'000);
    std::vector<std::uint64_t> got;
    for (int i = 0; i < 100 && got.size() < 12'000; ++i) {
        for (const auto& one : broker.fetch(700)) {
            got.push_back(std::stoull(one.payload));
        }
    }
    std::vector<std::uint64_t> expected;
    for (std::uint64_t round = 12; round-- > 0;) {
        for (std::uint64_t i = 0; i < 1'000; ++i) {
            expected.push_back(round * 1'000 + i);
        }
    }
    CHECK(got == expected);
}

TEST_CASE("dropping the oldest takes the last place of the lowest priority, never what is leased or delayed") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_messages = 4;
    settings.overflow = Overflow::drop_oldest;
    broker.create("q", settings);
    broker.consume("q", 0);
    broker.produce("q", {"leased"}, of_priority(90));
    REQUIRE(broker.fetch(1).size() == 1);
    broker.produce("q", {"late"}, delayed(of_priority(80), 1'000));
    broker.produce("q", {"plain"});
    broker.produce("q", {"seven a", "seven b"}, of_priority(7));
    broker.produce("q", {"two"}, of_priority(2));
    broker.produce("q", {"plain 2"});
    CHECK(broker.show("q").totals.dropped == 2);
    CHECK(broker.fetch_payloads() == Payloads{"plain", "plain 2", "two"});
    CHECK(broker.show("q").delayed == 1);
}

TEST_CASE("dropping finds the last place of a backlog that memory does not hold") {
    Broker broker;
    broker.create("q");
    for (int i = 0; i < 6; ++i) {
        broker.produce("q", Payloads(1'000, "x"), of_priority(5));
    }
    broker.produce("q", {"first out"}, of_priority(6));
    QueueSettingsChange settings;
    settings.max_messages = 6'000;
    settings.overflow = Overflow::drop_oldest;
    broker.update("q", settings);
    broker.produce("q", {"new"});
    CHECK(broker.show("q").totals.dropped == 2);
    CHECK(broker.show("q").prioritized == 5'999);
    Peek peek{"q", MessageState::prioritized, 0, 0, 10, 6};
    CHECK(broker.expect<MessageList>(peek).messages.empty());
}

TEST_CASE("redriven and dead-lettered messages get their priority back") {
    Broker broker;
    broker.create("dead");
    QueueSettingsChange settings;
    settings.dead_letter_queue = "dead";
    broker.create("q", settings);
    broker.consume("q", 0);
    broker.produce("q", {"a"}, of_priority(7));
    const auto held = broker.fetch(1);
    Fail fail;
    fail.terminal = true;
    broker.settle_ok(held.front(), fail);
    CHECK(broker.show("dead").waiting == 1);
    broker.produce("q", {"b"}, of_priority(8));
    broker.produce("q", {"c"}, of_priority(3));
    CHECK(broker.expect<Counted>(Redrive{"dead", "", 0, false}).messages == 1);
    CHECK(broker.fetch_payloads() == Payloads{"c", "a", "b"});
}

TEST_CASE("a schedule that replaces its run finds it among the prioritized ones") {
    Broker broker;
    broker.create("work");
    auto spec = std::make_shared<ScheduleSpec>();
    spec->queue = "work";
    spec->timing.every_ms = 60'000;
    spec->overlap = Overlap::replace;
    spec->options.priority = 2;
    spec->entry = baton::tests::make_entries(std::vector<std::string>{"tick"});
    broker.expect<ScheduleInfo>(UpsertSchedule{"beat", spec, {}});
    broker.advance(2 * 60'000);
    CHECK(broker.show("work").prioritized == 1);
    CHECK(broker.show("work").totals.dropped == 2);
}

TEST_CASE("a prioritized message that was begun before a restart and is lost after it counts as lost") {
    Broker broker;
    broker.create("q");
    broker.consume("q");
    broker.produce("q", {"a"}, of_priority(5));
    broker.settle_ok(broker.take_one(), Started{});
    broker.advance(limits::lease_record_after_ms + 1);
    broker.restart();
    broker.advance(limits::session_grace_ms_default + 1);
    broker.connect(2);
    broker.consume("q", 10, 2);
    CHECK(broker.take_one().counters.lease_losses == 1);
}

TEST_CASE("what is due behind more prioritized messages than a round moves is not overtaken") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 1);
    EntryOptions later;
    later.delay_ms = 1'000;
    EntryOptions later_ranked = later;
    later_ranked.priority = 5;
    broker.produce("q", Payloads(1'500, "ranked"), later_ranked);
    broker.produce("q", {"late"}, later);
    broker.driver().advance(1'000);
    broker.produce("q", {"plain"});
    CHECK(broker.take_one().payload == "late");
}
