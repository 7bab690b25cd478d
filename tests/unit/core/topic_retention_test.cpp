// What a topic keeps, and what it takes from its subscriptions.
#include "tests/unit/core/topic_builder.hpp"

#include <algorithm>

using namespace baton;
using namespace baton::core;
using tests::all_from;
using tests::Broker;
using tests::create_topic;
using tests::Delivered;
using tests::done_from;
using tests::payloads_from;
using tests::subscribe;
using tests::topic_memories;

namespace {

using Kept = std::vector<std::string>;

}  // namespace

TEST_CASE("retention takes out the oldest, but nothing that is in flight or held") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        TopicSettingsChange keeps;
        keeps.retention.messages = 3;
        create_topic(broker, "orders", keeps);
        subscribe(broker, "orders", "slow", 1);
        subscribe(broker, "orders", "quick", 2);
        for (const char* text : {"a", "b", "c", "d", "e", "f"}) {
            broker.produce("orders", {text});
            done_from(broker, 2);
        }
        broker.advance(1'000);
        CHECK(broker.show("orders").first == 3);
        CHECK(broker.show("orders/slow").totals.dropped == 3);
        CHECK(broker.show("orders/quick").totals.dropped == 0);
        CHECK(broker.show("orders/slow").live_bytes == broker.show("orders").live_bytes);
        const Delivered held = broker.fetch(1, 1).at(0);
        CHECK(held.payload == "d");
        broker.produce("orders", {"g", "h", "i", "j"});
        broker.advance(1'000);
        CHECK(broker.show("orders").first == 3);
        broker.fail(held);  // It takes its body along.
        broker.advance(1'000);
        CHECK(broker.show("orders").first == 7);
        CHECK(all_from(broker, 1) == Kept{"d", "h", "i", "j"});
        broker.restart();
    }
}

TEST_CASE("what a subscription that holds has not acked stays") {
    Broker broker;
    TopicSettingsChange keeps;
    keeps.retention.age_ms = 1'000;
    create_topic(broker, "orders", keeps);
    CreateSubscription create;
    create.topic = "orders";
    create.name = "audit";
    create.hold = true;
    CHECK(broker.expect<QueueInfo>(create).holds);
    broker.consume("orders/audit", 0, 1);
    broker.produce("orders", {"a", "b"});
    broker.advance(60'000);
    CHECK(broker.show("orders").first == 0);
    CHECK(done_from(broker, 1, 1) == Kept{"a"});
    broker.advance(60'000);
    CHECK(broker.show("orders").first == 1);
    CHECK(done_from(broker, 1) == Kept{"b"});
    broker.advance(60'000);
    CHECK(broker.show("orders").first == 2);
    CHECK(broker.show("orders").live_bytes == 0);
    CHECK(broker.show("orders/audit").totals.dropped == 0);
}

TEST_CASE("by interest a message is gone when all have acked it") {
    Broker broker;
    TopicSettingsChange keeps;
    keeps.interest = true;
    create_topic(broker, "orders", keeps);
    broker.produce("orders", {"nobody"});
    broker.advance(1'000);
    CHECK(broker.show("orders").first == 1);
    subscribe(broker, "orders", "mail", 1);
    subscribe(broker, "orders", "stock", 2);
    broker.produce("orders", {"a", "b"});
    CHECK(done_from(broker, 1) == Kept{"a", "b"});
    broker.advance(1'000);
    CHECK(broker.show("orders").first == 1);
    CHECK(done_from(broker, 2, 1) == Kept{"a"});
    broker.advance(1'000);
    CHECK(broker.show("orders").first == 2);
    broker.expect<Done>(DeleteQueue{"orders/stock"});
    broker.advance(1'000);
    CHECK(broker.show("orders").first == 3);
}

TEST_CASE("a topic with a limit of its own refuses what is too much, and can be trimmed") {
    Broker broker;
    CreateTopic create;
    create.name = "orders";
    create.settings.max_messages = 2;
    broker.expect<QueueInfo>(create);
    broker.produce("orders", {"a", "b"});
    CHECK(broker.refusal(Broker::batch("orders", {"c"})) == RefusalCode::queue_full);
    CHECK(broker.expect<Counted>(TrimTopic{"orders", 1}).messages == 1);
    broker.advance(1'000);
    CHECK(broker.produce("orders", {"c"}).first == 2);
}

TEST_CASE("a topic may drop its oldest when it is full, counted, but nothing that is held") {
    Broker broker;
    CreateTopic create;
    create.name = "orders";
    create.settings.max_messages = 2;
    create.settings.overflow = Overflow::drop_oldest;
    broker.expect<QueueInfo>(create);
    subscribe(broker, "orders", "mail", 1);
    for (const char* text : {"a", "b", "c", "d"}) {
        broker.produce("orders", {text});
        broker.advance(200);
    }
    CHECK(broker.show("orders").first == 2);
    CHECK(broker.show("orders/mail").totals.dropped == 2);
    CHECK(all_from(broker, 1) == Kept{"c", "d"});
    CHECK(broker.refusal(Broker::batch("orders", {"1", "2", "3"})) == RefusalCode::queue_full);  // More than ever fits.

    CreateSubscription audit;
    audit.topic = "orders";
    audit.name = "audit";
    audit.start = StartBeginning{};
    audit.hold = true;
    broker.expect<QueueInfo>(audit);
    broker.produce("orders", {"e"});
    broker.advance(200);
    CHECK(broker.refusal(Broker::batch("orders", {"f"})) == RefusalCode::queue_full);
    broker.consume("orders/audit", 0, 2);
    CHECK(done_from(broker, 2) == Kept{"c", "d", "e"});
    done_from(broker, 1);
    broker.expect<Done>(DeleteQueue{"orders/mail"});  // Has two in flight.
    broker.advance(1'000);
    CHECK(broker.produce("orders", {"f"}).first == 5);
    create.settings.overflow = Overflow::block;
    create.update = true;
    CHECK(broker.refusal(create) == RefusalCode::invalid_argument);
}

TEST_CASE("a topic drops its oldest for its bytes too") {
    Broker broker;
    CreateTopic create;
    create.name = "orders";
    create.settings.max_bytes = 100;
    create.settings.overflow = Overflow::drop_oldest;
    broker.expect<QueueInfo>(create);
    for (int i = 0; i < 10; ++i) {
        broker.produce("orders", {std::string(40, 'x')});
        broker.advance(200);
    }
    CHECK(broker.show("orders").live_bytes <= 100);
    CHECK(broker.show("orders").first == 8);
}

TEST_CASE("a topic is trimmed up to a time") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        std::vector<TimeMs> times;
        for (const char* text : {"a", "b", "c"}) {
            times.push_back(broker.now());
            broker.produce("orders", {text, text});
            broker.advance(1'000);
        }
        TrimTopic trim{"orders"};
        trim.before = times[1];
        CHECK(broker.expect<Counted>(trim).messages == 2);
        broker.advance(1'000);
        CHECK(broker.show("orders").first == 2);
        trim.before = times[2] + 1;
        CHECK(broker.expect<Counted>(trim).messages == 4);
        broker.advance(1'000);
        CHECK(broker.show("orders").first == 6);
    }
}

TEST_CASE("a time that is looked for in a topic is not looked for in the next one of its name") {
    CoreOptions small;
    small.window_bytes_max = 0;
    Broker broker(small);
    create_topic(broker, "orders");
    for (int i = 0; i < 8; ++i) {
        broker.produce("orders", {"m"});
        broker.advance(1'000);
    }
    TrimTopic trim{"orders"};
    trim.before = broker.now() - 4'500;
    const std::uint64_t asked = broker.begin(trim);  // Waits for a chunk.
    broker.begin(DeleteTopic{"orders"});
    CreateTopic create;
    create.name = "orders";
    broker.begin(create);
    broker.advance(1);
    CHECK(broker.answered<Counted>(asked).messages == 0);
}

TEST_CASE("what is tried again elsewhere, purged or no longer held does not keep retention from going on") {
    Broker broker;
    TopicSettingsChange keeps;
    keeps.retention.messages = 1;
    create_topic(broker, "orders", keeps);
    subscribe(broker, "orders", "mail", 1);
    broker.produce("orders", {"a"});
    broker.fail(broker.fetch(1, 1).at(0));
    broker.advance(2'000);
    CHECK(broker.fetch(1, 1).size() == 1);  // Leased again, out of a lane.
    broker.produce("orders", {"b", "c", "d"});
    broker.advance(1'000);
    CHECK(broker.show("orders").first == 3);

    CreateSubscription create;
    create.topic = "orders";
    create.name = "audit";
    create.hold = true;
    broker.expect<QueueInfo>(create);
    broker.produce("orders", {"e", "f"});
    broker.advance(1'000);
    CHECK(broker.show("orders").first == 4);  // What it was given from on.
    create.update = true;
    create.hold.reset();
    create.settings.lease_ms = 5'000;
    CHECK(broker.expect<QueueInfo>(create).holds);
    create.settings.dead_letter_queue = "nowhere";
    create.hold = false;
    CHECK(broker.refusal(create) == RefusalCode::dead_letter_target_missing);
    CHECK(broker.show("orders/audit").holds);
    broker.expect<Counted>(PurgeQueue{"orders/audit", false});
    broker.advance(1'000);
    CHECK(broker.show("orders").first == 5);
}

TEST_CASE("the newest chunk stays whatever its bytes, and nobody looks at it again until more comes") {
    Broker broker;
    TopicSettingsChange keeps;
    keeps.retention.bytes = 1;
    keeps.retention.age_ms = 0;
    create_topic(broker, "orders", keeps);
    broker.produce("orders", {"a"});
    broker.advance(1'000);
    CHECK(broker.show("orders").first == 0);
    const auto next = broker.driver().core().next_deadline();
    CHECK((!next || *next > broker.now() + 1'000));
    broker.produce("orders", {"b"});
    broker.advance(1'000);
    CHECK(broker.show("orders").first == 1);
}
