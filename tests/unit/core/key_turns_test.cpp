// Whose turn it is where consumers share by key: each key is with one consumer, in order, and holds up no other.
#include "server/core/limits.hpp"
#include "tests/unit/core/key_builder.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

using namespace baton;
using namespace baton::core;
using tests::all_done_from;
using tests::all_of;
using tests::Broker;
using tests::by_key;
using tests::create_topic;
using tests::Delivered;
using tests::one_from;
using tests::publish;
using tests::share_by_key;
using tests::subscribe;
using tests::topic_memories;
using tests::with_key;

namespace {

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("messages of one key go to one consumer, in order, and hold up no other key") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        share_by_key(broker);
        publish(broker, {"x1", "x2", "y1", "-1", "x3", "y2"});
        CHECK(one_from(broker, 1).payload == "x1");
        CHECK(all_of(broker, 2) == Texts{"y1", "-1", "y2"});
        CHECK(broker.show("orders/mail").waiting == 2);
        publish(broker, {"y3", "x4"});
        CHECK(all_of(broker, 1) == Texts{"x2", "x3", "x4"});
        CHECK(all_of(broker, 2) == Texts{"y3"});
        CHECK(broker.show("orders/mail").waiting == 0);
    }
}

TEST_CASE("a key goes to another consumer when nothing of it is in flight") {
    Broker broker;
    share_by_key(broker);
    publish(broker, {"x1", "x2", "x3"});
    const Delivered first = one_from(broker, 1), second = one_from(broker, 1);
    CHECK(all_of(broker, 2).empty());
    broker.ack(first);
    CHECK(all_of(broker, 2).empty());
    // One that waits for it gets it at once.
    broker.tell(broker.fetch_of(1, 5'000, 2));
    CHECK(broker.take().empty());
    broker.ack(second);
    const Delivered moved = broker.take_one();
    CHECK(moved.payload == "x3");
    CHECK(moved.consumer == 2);
    publish(broker, {"x4"});
    CHECK(all_of(broker, 1).empty());
}

TEST_CASE("consumers with credit share keys as they come") {
    Broker broker;
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 9, StartNow{}, by_key());
    broker.consume("orders/mail", 3, 1);
    broker.consume("orders/mail", 3, 2);
    publish(broker, {"x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4"});
    std::map<std::string, std::set<std::uint64_t>> consumers;
    std::map<std::string, Texts> order;
    for (auto some = broker.take(); !some.empty(); some = broker.take()) {
        for (const Delivered& one : some) {
            consumers[one.group].insert(one.consumer);
            order[one.group].push_back(one.payload);
        }
        for (const Delivered& one : some) {
            broker.ack(one);
        }
    }
    CHECK(order["x"] == Texts{"x1", "x2", "x3", "x4"});
    CHECK(order["y"] == Texts{"y1", "y2", "y3", "y4"});
    CHECK(consumers["x"].size() + consumers["y"].size() >= 2);
}

TEST_CASE("in strict order one message of a key is in flight, and other keys go on") {
    Broker broker;
    share_by_key(broker, by_key(true));
    publish(broker, {"x1", "x2", "y1", "-1", "-2"});
    const auto some = broker.fetch(10, 1);
    REQUIRE(some.size() == 4);
    CHECK(some[0].payload == "x1");
    CHECK(some[1].payload == "y1");
    CHECK(some[2].payload == "-1");
    CHECK(some[3].payload == "-2");
    CHECK(all_of(broker, 2).empty());
    broker.ack(some[1]);
    CHECK(all_of(broker, 2).empty());
    broker.ack(some[0]);
    CHECK(all_of(broker, 2) == Texts{"x2"});
}

TEST_CASE("the order of keys can be made strict and loose while they are in flight") {
    Broker broker;
    share_by_key(broker);
    publish(broker, {"x1", "x2", "x3", "x4"});
    const auto held = broker.fetch(2, 1);
    QueueSettingsChange settings;
    settings.group_order = GroupOrder::strict;
    broker.update("orders/mail", settings);
    CHECK(all_of(broker, 1).empty());
    broker.ack(held.at(0));
    CHECK(all_of(broker, 1).empty());
    broker.ack(held.at(1));
    CHECK(all_of(broker, 1) == Texts{"x3"});
    settings.group_order = GroupOrder::none;
    broker.update("orders/mail", settings);
    CHECK(all_of(broker, 2).empty());
    CHECK(all_of(broker, 1) == Texts{"x4"});
}

TEST_CASE("what is set aside at a lost consumer goes to another in order") {
    Broker broker;
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1, StartNow{}, by_key());
    publish(broker, {"x1", "x2", "x3", "y1"});
    CHECK(broker.fetch(2, 1).size() == 2);
    broker.connect(2);
    broker.consume("orders/mail", 0, 2);
    CHECK(all_of(broker, 2) == Texts{"y1"});
    broker.lose(1);
    broker.use(2);
    CHECK(all_of(broker, 2).empty());
    broker.advance(5'000);
    CHECK(all_of(broker, 2) == Texts{"x1", "x2", "x3"});
}

TEST_CASE("a seek forgets whose turn it was") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        share_by_key(broker);
        publish(broker, {"x1", "x2", "y1", "x3"});
        const Delivered held = one_from(broker, 1);
        CHECK(all_of(broker, 2) == Texts{"y1"});
        SeekSubscription seek;
        seek.topic = "orders";
        seek.name = "mail";
        seek.start = StartOffset{1};
        CHECK(broker.expect<Counted>(seek).messages == 1);
        CHECK(all_of(broker, 2) == Texts{"x2", "y1", "x3"});
        CHECK(broker.settle_refused(held, Ack{}) == RefusalCode::message_gone);
        CHECK(all_of(broker, 1).empty());
        seek.start = StartNow{};
        broker.expect<Counted>(seek);
        publish(broker, {"x4"});
        CHECK(all_of(broker, 1) == Texts{"x4"});
    }
}

TEST_CASE("what is set aside is bounded, and goes on when some of it is settled") {
    Broker broker;
    share_by_key(broker);
    publish(broker, {"x0"});
    const Delivered first = one_from(broker, 1);
    const std::vector<std::string> many(8'192, "x");
    for (std::size_t n = 0; n < limits::keys_set_aside_max / many.size(); ++n) {
        broker.produce("orders", many, with_key("x"));
    }
    publish(broker, {"y1", "x-last"});
    CHECK(all_of(broker, 2).empty());
    CHECK(broker.show("orders/mail").waiting == limits::keys_set_aside_max + 2);
    CHECK(one_from(broker, 1).payload == "x");
    CHECK(all_of(broker, 2) == Texts{"y1"});
    broker.ack(first);
    CHECK(all_of(broker, 2).empty());
    CHECK(all_of(broker, 1).size() == limits::keys_set_aside_max);
    CHECK(broker.show("orders/mail").waiting == 0);
}

TEST_CASE("a subscription that selects shares by key as one of a whole topic does") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        CreateSubscription create;
        create.topic = "#";
        create.name = "all";
        create.settings = by_key();
        broker.expect<QueueInfo>(create);
        broker.consume("#/all", 0, 1);
        broker.consume("#/all", 0, 2);
        publish(broker, {"x1", "x2", "y1", "x3"});
        broker.fail(one_from(broker, 1));
        CHECK(all_of(broker, 2) == Texts{"y1"});
        CHECK(broker.show("#/all").delayed == 1);
        broker.advance(100);
        CHECK(all_done_from(broker, 2) == Texts{"x1", "x2", "x3"});
    }
}
