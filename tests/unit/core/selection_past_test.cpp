// Subscriptions that select from the past of topics, and what topics keep for them.
#include "tests/unit/core/topic_builder.hpp"

#include <string>
#include <vector>

using namespace baton;
using namespace baton::core;
using tests::all_done_from;
using tests::all_from;
using tests::Broker;
using tests::create_topic;
using tests::done_from;
using tests::kinds;
using tests::of_kind;
using tests::select;
using tests::topic_memories;

namespace {

using Texts = std::vector<std::string>;

SeekSubscription seek_of(const std::string& topics, const std::string& name, StartAt start) {
    SeekSubscription seek;
    seek.topic = topics;
    seek.name = name;
    seek.start = start;
    return seek;
}

TopicSettingsChange interest() {
    TopicSettingsChange keeps;
    keeps.interest = true;
    return keeps;
}

}  // namespace

TEST_CASE("a subscription that selects finds what was published before") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "order.a");
        create_topic(broker, "order.b");
        broker.expect<Produced>(kinds("order.a", {{"a1", "red"}, {"a2", "blue"}, {"a3", "red"}}));
        broker.expect<Produced>(kinds("order.b", {{"b1", "red"}}));
        broker.advance(1'000);
        const TimeMs later = broker.now();
        broker.expect<Produced>(kinds("order.a", {{"a4", "red"}}));
        select(broker, "order.*", "all", 1, nullptr, StartBeginning{});
        select(broker, "order.*", "red", 2, of_kind("red"), StartTime{later});
        select(broker, "order.a", "third", 3, of_kind("red"), StartOffset{2});
        select(broker, "order.a", "new", 4, of_kind("red"));
        broker.expect<Produced>(kinds("order.a", {{"a5", "red"}}));
        CHECK(all_from(broker, 1) == Texts{"a1", "a2", "a3", "a4", "b1", "a5"});
        CHECK(all_from(broker, 2) == Texts{"a4", "a5"});
        CHECK(all_from(broker, 3) == Texts{"a3", "a4", "a5"});
        CHECK(all_from(broker, 4) == Texts{"a5"});
        CHECK_FALSE(broker.show("order.*/all").estimated);
    }
}

TEST_CASE("a subscription of a pattern may begin with the last message of each topic") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "order.a");
        create_topic(broker, "order.b");
        create_topic(broker, "order.empty");
        broker.expect<Produced>(kinds("order.a", {{"a1", "red"}, {"a2", "red"}}));
        broker.expect<Produced>(kinds("order.b", {{"b1", "red"}}));
        select(broker, "order.*", "last", 1, nullptr, StartLast{});
        select(broker, "order.a", "red", 2, of_kind("red"), StartLast{});
        select(broker, "order.a", "blue", 3, of_kind("blue"), StartLast{});
        broker.expect<Produced>(kinds("order.a", {{"a3", "blue"}}));
        CHECK(all_from(broker, 1) == Texts{"a2", "b1", "a3"});
        CHECK(all_from(broker, 2) == Texts{"a2"});
        CHECK(all_from(broker, 3) == Texts{"a3"});
        broker.expect<Counted>(seek_of("order.*", "last", StartLast{}));
        CHECK(all_from(broker, 1) == Texts{"a3", "b1"});
    }
}

TEST_CASE("looking through the past goes on after a restart, and nothing comes twice or out of order") {
    Broker broker;
    create_topic(broker, "orders");
    Texts expected;
    for (int i = 0; i < 200; ++i) {
        broker.produce("orders", {"m" + std::to_string(i)});
        broker.advance(1);
        expected.push_back("m" + std::to_string(i));
    }
    CreateSubscription create;
    create.topic = "#";
    create.name = "all";
    create.start = StartBeginning{};
    broker.begin(create);
    broker.begin(Broker::batch("orders", {"live"}));
    expected.push_back("live");
    broker.driver().tick();
    broker.driver().seal();
    broker.driver().finish_commit();
    REQUIRE(broker.driver().reads() == 1);
    broker.driver().answer_read(0);
    broker.driver().seal();
    broker.driver().finish_commit();
    const auto& fills = broker.driver().store().tables().fills;
    REQUIRE(fills.size() == 1);
    CHECK(fills.begin()->second.from == 64);
    broker.restart();
    broker.connect(2);
    broker.consume("#/all", 0, 1);
    CHECK(all_done_from(broker, 1) == expected);
    CHECK_FALSE(broker.show("#/all").estimated);
}

TEST_CASE("seek goes back and forth, and counts what it would look through") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        select(broker, "orders", "red", 1, of_kind("red"));
        select(broker, "*", "all", 2);
        broker.expect<Produced>(kinds("orders", {{"a", "red"}, {"b", "blue"}, {"c", "red"}}));
        CHECK(all_done_from(broker, 1) == Texts{"a", "c"});
        CHECK(all_done_from(broker, 2) == Texts{"a", "b", "c"});
        SeekSubscription dry = seek_of("*", "all", StartBeginning{});
        dry.dry_run = true;
        CHECK(broker.expect<Counted>(dry).messages == 3);
        CHECK(all_done_from(broker, 2).empty());
        broker.expect<Counted>(seek_of("*", "all", StartBeginning{}));
        CHECK(broker.expect<Counted>(seek_of("orders", "red", StartOffset{1})).messages == 2);
        CHECK(all_done_from(broker, 1) == Texts{"c"});
        CHECK(all_done_from(broker, 2) == Texts{"a", "b", "c"});
        broker.expect<Counted>(seek_of("*", "all", StartBeginning{}));
        broker.expect<Counted>(seek_of("*", "all", StartNow{}));
        CHECK(all_done_from(broker, 2).empty());
        CHECK(broker.expect<Refusal>(seek_of("*", "all", StartOffset{1})).field == "seek_subscription.start.offset");
    }
}

TEST_CASE("a topic with interest keeps what a subscription that selects may still need, and no longer") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders", interest());
        select(broker, "*", "all", 1);
        for (const char* text : {"a", "b", "c", "d"}) {
            broker.produce("orders", {text});
            broker.advance(200);
        }
        CHECK(done_from(broker, 1, 1) == Texts{"a"});
        CHECK(done_from(broker, 1, 1) == Texts{"b"});
        broker.advance(1'000);
        CHECK(broker.show("orders").first <= 2);
        broker.restart();
        broker.connect(2);
        broker.consume("*/all", 0, 1);
        CHECK(all_done_from(broker, 1) == Texts{"c", "d"});
        broker.advance(1'000);
        CHECK(broker.show("orders").first == 4);
        broker.produce("orders", {"e"});
        broker.advance(1'000);
        CHECK(broker.show("orders").first == 4);
        CHECK(all_done_from(broker, 1) == Texts{"e"});
    }
}

TEST_CASE("what the subscription needs moves on while it lags behind") {
    Broker broker;
    create_topic(broker, "orders", interest());
    select(broker, "*", "all", 1);
    for (int i = 0; i < 100; ++i) {
        broker.produce("orders", {"m" + std::to_string(i)});
        broker.advance(150);
        if (i >= 5) {
            done_from(broker, 1, 1);
        }
    }
    // Never all of it was done, and yet what was done long ago is gone.
    CHECK(broker.show("*/all").waiting == 5);
    CHECK(broker.show("orders").first > 80);
}

TEST_CASE("hold keeps what others let go, and without it the loss is counted") {
    for (const bool hold : {false, true}) {
        CoreOptions options;
        options.window_bytes_max = 0;
        Broker broker(options);
        TopicSettingsChange keeps;
        keeps.retention.messages = 2;
        create_topic(broker, "orders", keeps);
        select(broker, "orders", "red", 1, of_kind("red"), StartNow{}, hold);
        for (const char* text : {"a", "b", "c", "d"}) {
            broker.expect<Produced>(kinds("orders", {{text, "red"}}));
            broker.advance(300);
        }
        CHECK(broker.show("orders").first == (hold ? 0 : 2));
        // What is in memory would still be delivered.
        broker.restart();
        broker.connect(2);
        broker.consume("orders/red", 0, 1);
        CHECK(all_done_from(broker, 1) == (hold ? Texts{"a", "b", "c", "d"} : Texts{"c", "d"}));
        CHECK(broker.show("orders/red").totals.dropped == (hold ? 0 : 2));
        broker.advance(1'000);
        CHECK(broker.show("orders").first == 2);
    }
}

TEST_CASE("a message keeps its own options on its way to one that selects, now and from the past") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        select(broker, "#", "live", 1);
        EntryOptions own;
        own.ttl_ms = 10'000;
        own.lease_ms = 7'000;
        broker.produce("orders", {"a"}, own);
        broker.produce("orders", {"b"});
        select(broker, "#", "past", 2, nullptr, StartBeginning{});
        for (const std::uint64_t consumer : {1, 2}) {
            const auto first = broker.fetch(1, consumer);
            REQUIRE(first.size() == 1);
            CHECK(first.front().payload == "a");
            CHECK(first.front().lease_ms == 7'000);
            broker.settle_ok(first.front(), Release{});
        }
        broker.advance(11'000);
        CHECK(all_done_from(broker, 1) == Texts{"b"});
        CHECK(all_done_from(broker, 2) == Texts{"b"});
        CHECK(broker.show("#/live").totals.expired == 1);
        CHECK(broker.show("#/past").live_bytes == 0);
    }
}

TEST_CASE("what a topic let go is never moved or delivered as if it were there") {
    CoreOptions options;
    options.window_bytes_max = 0;
    Broker broker(options);
    TopicSettingsChange keeps;
    keeps.retention.messages = 1;
    create_topic(broker, "orders", keeps);
    broker.create("elsewhere");
    broker.consume("elsewhere", 0, 9);
    select(broker, "orders", "red", 1, of_kind("red"));
    for (const char* text : {"a", "b", "c"}) {
        broker.expect<Produced>(kinds("orders", {{text, "red"}}));
        broker.advance(300);
    }
    broker.restart();
    broker.connect(2);
    broker.consume("elsewhere", 0, 9);
    Redrive redrive;
    redrive.queue = "orders/red";
    redrive.destination = "elsewhere";
    broker.tell(redrive);
    CHECK(all_done_from(broker, 9) == Texts{"c"});
    CHECK(broker.show("orders/red").waiting == 0);
    CHECK(broker.show("orders/red").leased == 0);
    CHECK(broker.show("orders/red").totals.dropped == 2);
}

TEST_CASE("a purge leaves what is in flight held in its topic") {
    CoreOptions options;
    options.window_bytes_max = 0;
    Broker broker(options);
    create_topic(broker, "orders", interest());
    select(broker, "orders", "red", 1, of_kind("red"), StartNow{}, true);
    broker.expect<Produced>(kinds("orders", {{"a", "red"}, {"b", "red"}}));
    const auto held = broker.fetch(1);
    REQUIRE(held.size() == 1);
    broker.expect<Counted>(PurgeQueue{"orders/red", false, false});
    broker.advance(2'000);
    broker.settle_ok(held.front(), Release{});
    CHECK(all_done_from(broker, 1) == Texts{"a"});
    broker.advance(2'000);
    CHECK(broker.show("orders").first == 2);
}

TEST_CASE("a topic is let go when there was nothing in its past for the one that held it") {
    Broker broker;
    TopicSettingsChange keeps;
    keeps.retention.messages = 1;
    create_topic(broker, "orders", keeps);
    broker.expect<Produced>(kinds("orders", {{"a", "blue"}}));
    select(broker, "orders", "red", 1, of_kind("red"), StartBeginning{}, true);
    broker.expect<Produced>(kinds("orders", {{"b", "blue"}, {"c", "blue"}}));
    broker.advance(2'000);
    CHECK(broker.show("orders").first == 2);
}
