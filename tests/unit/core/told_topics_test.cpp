// A message of a pattern says which topic it was published to, wherever it went in its subscription.
#include "tests/unit/core/topic_builder.hpp"

#include <map>
#include <utility>

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::create_topic;
using tests::Delivered;
using tests::select;
using tests::topic_memories;

namespace {

using Places = std::map<std::string, std::pair<std::string, Offset>>;

Places places_of(const std::vector<Delivered>& messages) {
    Places places;
    for (const Delivered& one : messages) {
        places[one.payload] = {one.topic, one.topic_offset};
    }
    return places;
}

Places fetched(Broker& broker, std::uint64_t consumer) {
    Places all;
    for (auto some = broker.fetch(100, consumer); !some.empty(); some = broker.fetch(100, consumer)) {
        all.merge(places_of(some));
        for (const Delivered& one : some) {
            broker.ack(one);
        }
    }
    return all;
}

StoredMessage only_stored(Broker& broker, MessageState state) {
    Peek peek;
    peek.queue = "order.#/audit";
    peek.state = state;
    peek.limit = 10;
    const auto list = broker.expect<MessageList>(peek);
    REQUIRE(list.messages.size() == 1);
    return list.messages[0];
}

}  // namespace

TEST_CASE("deliveries of a pattern tell topic and offset, live and from the past, over a restart") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "order.created");
        create_topic(broker, "order.paid");
        broker.produce("order.created", {"c0", "c1"});
        select(broker, "order.#", "audit", 1, nullptr, StartBeginning{});
        broker.produce("order.paid", {"p0"});
        broker.produce("order.created", {"c2", "c3"});
        const Places all{{"c0", {"order.created", 0}},
                         {"c1", {"order.created", 1}},
                         {"p0", {"order.paid", 0}},
                         {"c2", {"order.created", 2}},
                         {"c3", {"order.created", 3}}};
        broker.restart();
        broker.connect(1);
        broker.consume("order.#/audit", 0, 1);
        CHECK(fetched(broker, 1) == all);
    }
}

TEST_CASE("a subscription of one whole topic leaves it to the client") {
    Broker broker;
    create_topic(broker, "orders");
    tests::subscribe(broker, "orders", "mail", 1);
    broker.produce("orders", {"a"});
    CHECK(fetched(broker, 1) == Places{{"a", {"", 0}}});
}

TEST_CASE("a message that failed, was retried or released keeps its topic") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "order.created");
        create_topic(broker, "order.paid");
        select(broker, "order.#", "audit", 1);
        QueueSettingsChange settings;
        settings.max_attempts = 2;
        settings.backoff = Backoff{Backoff::Kind::fixed, 1'000, 1'000, 0, {}};
        broker.update("order.#/audit", settings);
        broker.produce("order.created", {"c0"});
        broker.produce("order.paid", {"p0"});
        const Places first = places_of(broker.fetch(1, 1));
        CHECK(first == Places{{"c0", {"order.created", 0}}});
        const Delivered paid = broker.fetch(1, 1).at(0);
        broker.fail(paid);
        const StoredMessage waits = only_stored(broker, MessageState::delayed);
        CHECK(waits.topic == "order.paid");
        CHECK(waits.source.offset == 0);
        broker.restart();
        broker.connect(1);
        broker.consume("order.#/audit", 0, 1);
        broker.advance(60'000);
        const std::vector<Delivered> again = broker.fetch(2, 1);
        CHECK(places_of(again) == Places{{"c0", {"order.created", 0}}, {"p0", {"order.paid", 0}}});
        for (const Delivered& one : again) {
            one.payload == "p0" ? broker.fail(one) : broker.ack(one);
        }
        CHECK(only_stored(broker, MessageState::failed).topic == "order.paid");
        CHECK(broker.expect<MessageList>(ShowFailed{"order.#/audit", paid.offset}).messages.at(0).topic ==
              "order.paid");
        broker.expect<Done>(DeleteTopic{"order.paid"});
        CHECK(only_stored(broker, MessageState::failed).topic.empty());
    }
}
