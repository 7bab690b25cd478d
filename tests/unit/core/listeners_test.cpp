// Listeners: fed live, bounded by credit, gone with their connection; and inboxes.
#include "tests/unit/core/topic_builder.hpp"

#include <string>
#include <vector>

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::create_topic;
using tests::kinds;
using tests::of_kind;

namespace {

using Texts = std::vector<std::string>;

Listen listen_to(std::uint64_t id, const std::string& topics, std::uint64_t messages,
                 MessageFilterPtr filter = nullptr) {
    Listen listen;
    listen.listener = id;
    listen.selects = std::make_shared<const Selection>(Selection{topics, std::move(filter)});
    listen.messages = messages;
    listen.bytes = 1'000'000;
    return listen;
}
Listen inbox_of(std::uint64_t id, std::uint64_t messages) {
    Listen listen = listen_to(id, "", messages);
    listen.inbox = true;
    return listen;
}

Texts heard_by(Broker& broker) {
    Texts texts;
    for (const Heard& heard : broker.take_heard()) {
        if (heard.lost != 0) {
            texts.push_back("lost " + std::to_string(heard.lost));
        }
        for (std::uint32_t i = 0; i < heard.entries.count; ++i) {
            texts.push_back(heard.topic + ":" + std::to_string(heard.first + i) + ":" +
                            std::string(tests::payload_of(heard.entries, i)));
        }
    }
    return texts;
}

}  // namespace

TEST_CASE("a listener hears what is published, and leaves no trace") {
    Broker broker;
    create_topic(broker, "order.a");
    broker.produce("order.a", {"before"});
    broker.expect<ListenStarted>(listen_to(1, "order.*", 100, of_kind("red")));
    const std::uint64_t commits = broker.driver().store().commits();
    CHECK(broker.expect<Produced>(kinds("order.a", {{"x", "red"}, {"y", "blue"}, {"z", "red"}})).subscriptions == 0);
    CHECK(heard_by(broker) == Texts{"order.a:1:x", "order.a:3:z"});
    CHECK(broker.driver().store().commits() == commits + 1);
    broker.expect<Done>(StopListening{1});
    broker.expect<Produced>(kinds("order.a", {{"x", "red"}}));
    CHECK(heard_by(broker).empty());
}

TEST_CASE("a listener that is slow loses, is told so, and slows nobody") {
    Broker broker;
    create_topic(broker, "orders");
    broker.expect<ListenStarted>(listen_to(1, "orders", 2));
    broker.expect<ListenStarted>(listen_to(2, "orders", 100));
    broker.produce("orders", {"a", "b", "c"});
    broker.produce("orders", {"d"});
    Texts slow, fast;
    for (const Heard& heard : broker.take_heard()) {
        for (std::uint32_t i = 0; i < heard.entries.count; ++i) {
            (heard.listener == 1 ? slow : fast).emplace_back(tests::payload_of(heard.entries, i));
        }
    }
    CHECK(slow == Texts{"a", "b"});
    CHECK(fast == Texts{"a", "b", "c", "d"});
    broker.expect<Done>(CreditListener{1, 5, 1'000});
    CHECK(heard_by(broker) == Texts{"lost 2"});
    broker.expect<Done>(StopListening{2});
    broker.produce("orders", {"e"});
    CHECK(heard_by(broker) == Texts{"orders:4:e"});
}

TEST_CASE("bytes are allowed like messages") {
    Broker broker;
    create_topic(broker, "orders");
    Listen listen = listen_to(1, "orders", 100);
    listen.bytes = 250;
    broker.expect<ListenStarted>(listen);
    broker.produce("orders", {std::string(100, 'a'), std::string(100, 'b'), std::string(100, 'c')});
    const auto heard = broker.take_heard();
    REQUIRE(heard.size() == 1);
    CHECK(heard.front().entries.count == 2);
}

TEST_CASE("a listener goes with its connection") {
    Broker broker;
    create_topic(broker, "orders");
    broker.connect(2);
    broker.expect<ListenStarted>(listen_to(1, "orders", 100));
    const std::string inbox = broker.expect<ListenStarted>(inbox_of(2, 100)).inbox;
    broker.lose(2);
    broker.use(1);
    broker.produce("orders", {"a"});
    CHECK(broker.take_heard().empty());
    CHECK(broker.refusal(Broker::batch(inbox, {"answer"})) == RefusalCode::queue_not_found);
}

TEST_CASE("an inbox hands over what is produced to it, and stores nothing") {
    Broker broker;
    const std::string inbox = broker.expect<ListenStarted>(inbox_of(7, 2)).inbox;
    CHECK(broker.expect<ListenStarted>(inbox_of(8, 2)).inbox != inbox);
    broker.connect(2);
    const auto done = broker.produce(inbox, {"answer"});
    CHECK(done.count == 1);
    CHECK(broker.driver().store().tables().chunks.empty());
    const auto heard = broker.take_heard();
    REQUIRE(heard.size() == 1);
    CHECK(heard.front().listener == 7);
    CHECK(heard.front().connection == ConnectionId{1});
    broker.produce(inbox, {"second"});
    CHECK(broker.refusal(Broker::batch(inbox, {"third"})) == RefusalCode::queue_full);
    CHECK(broker.refusal(Broker::batch(inbox, {"x"}, tests::of_priority(1))) == RefusalCode::invalid_argument);
}

TEST_CASE("bad listeners are refused by what is wrong with them") {
    Broker broker;
    CHECK(broker.expect<Refusal>(listen_to(1, "a.>.b", 1)).field == "listen.topics");
    broker.expect<ListenStarted>(listen_to(1, "a", 1));
    CHECK(broker.expect<Refusal>(listen_to(1, "b", 1)).field == "listen.listener_id");
    CHECK(broker.refusal(CreditListener{9, 1, 1}) == RefusalCode::stream_not_found);
    for (std::uint64_t i = 2; i <= 64; ++i) {
        broker.expect<ListenStarted>(listen_to(i, "a", 1));
    }
    CHECK(broker.refusal(listen_to(100, "a", 1)) == RefusalCode::too_many_streams);
}

TEST_CASE("an inbox is of its namespace, and takes a batch whole or not at all") {
    Broker broker;
    const std::string inbox = broker.expect<ListenStarted>(inbox_of(7, 2)).inbox;
    CHECK(broker.refusal(Broker::batch(inbox, {"a", "b", "c"})) == RefusalCode::queue_full);
    CHECK(broker.take_heard().empty());
    broker.produce(inbox, {"a", "b"});
    CHECK(heard_by(broker).size() == 2);
}
