// Subscriptions that select: by a pattern of topics, by a filter, by both.
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
using tests::subscribe;
using tests::topic_memories;

namespace {

using Texts = std::vector<std::string>;

void again(Broker& broker, const std::string& subscription, std::uint64_t consumer = 1) {
    broker.restart();
    broker.connect(2);
    broker.consume(subscription, 0, consumer);
}

}  // namespace

TEST_CASE("a filter lets through what it says, once, over restarts") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        select(broker, "orders", "red", 1, of_kind("red"));
        CHECK(broker.expect<Produced>(kinds("orders", {{"a", "red"}, {"b", "blue"}, {"c", "red"}})).subscriptions == 1);
        CHECK(broker.expect<Produced>(kinds("orders", {{"d", "blue"}})).subscriptions == 0);
        CHECK(broker.show("orders/red").waiting == 2);
        CHECK(broker.show("orders").subscriptions == 1);
        CHECK(done_from(broker, 1, 1) == Texts{"a"});
        again(broker, "orders/red");
        CHECK(broker.show("orders/red").waiting == 1);
        broker.expect<Produced>(kinds("orders", {{"e", "red"}}));
        CHECK(all_done_from(broker, 1) == Texts{"c", "e"});
        CHECK(broker.show("orders/red").live_bytes == 0);
        again(broker, "orders/red");
        CHECK(all_done_from(broker, 1).empty());
    }
}

TEST_CASE("a pattern brings messages of all its topics, of later ones too") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "order.created");
        create_topic(broker, "user.created");
        select(broker, "order.*", "audit", 1);
        select(broker, "#", "all", 2);
        CHECK(broker.produce("order.created", {"a"}).subscriptions == 2);
        CHECK(broker.produce("user.created", {"b"}).subscriptions == 1);
        create_topic(broker, "order.paid");
        broker.produce("order.paid", {"c"});
        CHECK(all_from(broker, 1) == Texts{"a", "c"});
        CHECK(all_from(broker, 2) == Texts{"a", "b", "c"});
        CHECK(broker.show("order.*/audit").topic == "order.*");
        const auto listed = broker.expect<QueueList>(ListSubscriptions{"order.*", "", 10});
        REQUIRE(listed.queues.size() == 1);
        CHECK(listed.queues.front().name == "order.*/audit");
    }
}

TEST_CASE("what is selected is retried, fails and is retried by hand like messages of a queue") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        CreateSubscription create;
        create.topic = "orders";
        create.name = "red";
        create.filter = of_kind("red");
        create.settings.max_attempts = 2;
        create.settings.backoff = Backoff{};
        broker.expect<QueueInfo>(create);
        broker.consume("orders/red", 0, 1);
        broker.expect<Produced>(kinds("orders", {{"a", "red"}, {"b", "blue"}}));
        for (int attempt = 0; attempt < 2; ++attempt) {
            const auto held = broker.fetch(1);
            REQUIRE(held.size() == 1);
            broker.settle_ok(held.front(), Fail{"no", {}, {}, {}, {}});
            broker.advance(3'600'000);
        }
        CHECK(broker.show("orders/red").failed == 1);
        again(broker, "orders/red");
        RetryFailed retry;
        retry.queue = "orders/red";
        broker.tell(retry);
        CHECK(all_done_from(broker, 1) == Texts{"a"});
        CHECK(broker.show("orders/red").failed == 0);
    }
}

TEST_CASE("a body is stored once, however many select it") {
    Broker broker;
    create_topic(broker, "orders");
    select(broker, "#", "all", 1);
    select(broker, "orders", "red", 2, of_kind("red"));
    broker.expect<Produced>(kinds("orders", {{"a", "red"}}));
    std::size_t with_bodies = 0, references = 0;
    for (const auto& [key, chunk] : broker.driver().store().tables().chunks) {
        (chunk->sources.empty() ? with_bodies : references) += 1;
    }
    CHECK(with_bodies == 1);
    CHECK(references == 2);
}

TEST_CASE("another filter holds from then on, and one that never had a filter gets none") {
    Broker broker;
    create_topic(broker, "orders");
    select(broker, "orders", "some", 1, of_kind("red"));
    broker.expect<Produced>(kinds("orders", {{"a", "red"}, {"b", "blue"}}));
    CreateSubscription change;
    change.topic = "orders";
    change.name = "some";
    change.filter = of_kind("blue");
    CHECK(broker.refusal(change) == RefusalCode::queue_exists);
    change.update = true;
    broker.expect<QueueInfo>(change);
    broker.expect<Produced>(kinds("orders", {{"c", "red"}, {"d", "blue"}}));
    CHECK(all_from(broker, 1) == Texts{"a", "d"});
    subscribe(broker, "orders", "plain", 2);
    change.name = "plain";
    CHECK(broker.refusal(change) == RefusalCode::invalid_argument);
}

TEST_CASE("a topic that is deleted takes its filtered subscriptions along, and what others had of it is lost to them") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        create_topic(broker, "users");
        select(broker, "orders", "red", 1, of_kind("red"));
        select(broker, "*", "all", 2);
        broker.expect<Produced>(kinds("orders", {{"a", "red"}, {"b", "red"}}));
        broker.produce("users", {"u"});
        broker.expect<Done>(DeleteTopic{"orders"});
        CHECK(broker.refusal(ShowQueue{"orders/red"}) == RefusalCode::queue_not_found);
        again(broker, "*/all", 2);
        CHECK(all_done_from(broker, 2) == Texts{"u"});
        CHECK(broker.show("*/all").totals.dropped == 2);
        CHECK(broker.show("*/all").waiting == 0);
        CHECK(broker.show("*/all").live_bytes == 0);
    }
}

TEST_CASE("deleting one that selects leaves nothing of it behind") {
    Broker broker;
    create_topic(broker, "orders");
    select(broker, "orders", "red", 1, of_kind("red"));
    broker.expect<Produced>(kinds("orders", {{"a", "red"}}));
    broker.expect<Done>(DeleteQueue{"orders/red"});
    CHECK(broker.expect<Produced>(kinds("orders", {{"b", "red"}})).subscriptions == 0);
    CHECK(broker.show("orders").subscriptions == 0);
    broker.restart();
    broker.connect(2);
    CHECK(broker.expect<Produced>(kinds("orders", {{"c", "red"}})).subscriptions == 0);
}

TEST_CASE("bad patterns, filters and starts of a subscription are refused") {
    Broker broker;
    CreateSubscription create;
    create.topic = "order.>.eu";
    create.name = "x";
    CHECK(broker.refusal(create) == RefusalCode::invalid_argument);
    create.topic = "order.*";
    create.start = StartOffset{3};
    CHECK(broker.expect<Refusal>(create).field == "create_subscription.start.offset");
    create.start = StartNow{};
    create.filter = std::make_shared<const MessageFilter>(
        MessageFilter{std::vector<FilterCondition>(17, FilterCondition{}), false});
    CHECK(broker.expect<Refusal>(create).field == "create_subscription.filter.conditions");
}
