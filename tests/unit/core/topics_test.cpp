// Topics: published once, delivered to every subscription, each with what a queue has.
#include "server/core/limits.hpp"
#include "server/core/schedule_spec.hpp"
#include "server/core/transaction.hpp"
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

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("every subscription gets every message once, at its own pace") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        CHECK(broker.produce("orders", {"before"}).subscriptions == 0);
        subscribe(broker, "orders", "mail", 1);
        subscribe(broker, "orders", "stock", 2);
        CHECK(broker.produce("orders", {"a", "b"}).subscriptions == 2);
        CHECK(done_from(broker, 1) == Texts{"a", "b"});
        CHECK(broker.show("orders/stock").waiting == 2);
        CHECK(broker.show("orders/mail").waiting == 0);
        broker.produce("orders", {"c"});
        CHECK(done_from(broker, 2, 1) == Texts{"a"});
        CHECK(done_from(broker, 1) == Texts{"c"});
        broker.restart();
        broker.connect(2);
        broker.consume("orders/mail", 0, 1);
        broker.consume("orders/stock", 0, 2);
        CHECK(done_from(broker, 1).empty());
        CHECK(done_from(broker, 2) == Texts{"b", "c"});
        CHECK(broker.show("orders").end == 4);
        CHECK(broker.show("orders").subscriptions == 2);
    }
}

TEST_CASE("consumers of one subscription share its messages") {
    Broker broker;
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1);
    broker.consume("orders/mail", 0, 2);
    broker.produce("orders", {"a", "b", "c"});
    CHECK(done_from(broker, 1, 2) == Texts{"a", "b"});
    CHECK(done_from(broker, 2, 2) == Texts{"c"});
}

TEST_CASE("a subscription begins where it is told to") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        std::vector<TimeMs> times;
        for (const char* text : {"a", "b", "c", "d"}) {
            times.push_back(broker.now());
            broker.produce("orders", {std::string(text) + "1", std::string(text) + "2"});
            broker.advance(1'000);
        }
        subscribe(broker, "orders", "new", 1);
        subscribe(broker, "orders", "all", 2, StartBeginning{});
        subscribe(broker, "orders", "third", 3, StartOffset{3});
        subscribe(broker, "orders", "time", 4, StartTime{times[2]});
        subscribe(broker, "orders", "later", 5, StartTime{times[3] + 1});
        subscribe(broker, "orders", "beyond", 6, StartOffset{99});
        subscribe(broker, "orders", "last", 7, StartLast{});
        CHECK(broker.show("orders/third").live_bytes == broker.show("orders/all").live_bytes * 5 / 8);
        broker.produce("orders", {"e"});
        CHECK(all_from(broker, 1) == Texts{"e"});
        CHECK(all_from(broker, 2) == Texts{"a1", "a2", "b1", "b2", "c1", "c2", "d1", "d2", "e"});
        CHECK(all_from(broker, 3) == Texts{"b2", "c1", "c2", "d1", "d2", "e"});
        CHECK(all_from(broker, 4) == Texts{"c1", "c2", "d1", "d2", "e"});
        CHECK(all_from(broker, 5) == Texts{"e"});
        CHECK(all_from(broker, 6) == Texts{"e"});
        CHECK(all_from(broker, 7) == Texts{"d2", "e"});
    }
}

TEST_CASE("a subscription retries, fails and dead-letters by itself") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        QueueSettingsChange settings;
        settings.max_attempts = 2;
        settings.backoff = Backoff{Backoff::Kind::fixed, 100, 100, 0, {}};
        subscribe(broker, "orders", "mail", 1, StartNow{}, settings);
        subscribe(broker, "orders", "stock", 2);
        broker.create("dead");
        settings.dead_letter_queue = "dead";
        subscribe(broker, "orders", "audit", 3, StartNow{}, settings);
        broker.produce("orders", {"a", "b"});
        for (const std::uint64_t consumer : {1, 3}) {
            broker.fail(broker.fetch(1, consumer).at(0));
            CHECK(payloads_from(broker, consumer, 1) == Texts{"b"});
        }
        CHECK(broker.show("orders/mail").delayed == 1);
        broker.advance(100);
        for (const std::uint64_t consumer : {1, 3}) {
            const auto again = broker.fetch(1, consumer);
            REQUIRE(again.size() == 1);
            CHECK(again[0].payload == "a");
            CHECK(again[0].counters.failures == 1);
            broker.fail(again[0]);
        }
        CHECK(broker.show("orders/mail").failed == 1);
        CHECK(broker.show("dead").waiting == 1);
        CHECK(done_from(broker, 2) == Texts{"a", "b"});
        RetryFailed retry;
        retry.queue = "orders/mail";
        CHECK(broker.expect<Counted>(retry).messages == 1);
        CHECK(done_from(broker, 1) == Texts{"a"});
        Redrive redrive;
        redrive.queue = "dead";
        CHECK(broker.expect<Counted>(redrive).skipped == 1);  // Where it came from takes what its topic gets.
    }
}

TEST_CASE("leases of a subscription end as those of a queue do, also over a restart") {
    Broker broker;
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1);
    broker.produce("orders", {"a", "b"});
    const auto held = broker.fetch(2, 1);
    broker.advance(40'000);
    CHECK(broker.settle_refused(held[0], Release{}) == RefusalCode::lease_expired);
    const auto again = broker.fetch(2, 1);
    REQUIRE(again.size() == 2);
    CHECK(again[0].counters.deliveries == 2);
    broker.restart();
    broker.connect(2);
    broker.settle_ok(again[0], Ack{});
    CHECK(broker.show("orders/mail").leased == 1);
}

TEST_CASE("topics and subscriptions are listed, changed and deleted") {
    Broker broker;
    create_topic(broker, "orders");
    create_topic(broker, "orders");
    create_topic(broker, "refunds");
    broker.create("plain");
    subscribe(broker, "orders", "mail", 1);
    CHECK(broker.expect<QueueList>(ListTopics{}).queues.size() == 2);
    CHECK(broker.expect<QueueList>(ListQueues{}).queues.size() == 1);
    const auto list = broker.expect<QueueList>(ListSubscriptions{"orders"});
    REQUIRE(list.queues.size() == 1);
    CHECK(list.queues[0].name == "orders/mail");
    CHECK(list.queues[0].topic == "orders");
    UpdateTopic update;
    update.name = "orders";
    update.topic.retention.messages = 5;
    CHECK(broker.expect<QueueInfo>(update).keeps.retention.messages == 5);
    CreateTopic other;
    other.name = "orders";
    CHECK(broker.refusal(other) == RefusalCode::queue_exists);
    QueueSettingsChange lease;
    lease.lease_ms = 60'000;
    broker.update("orders/mail", lease);
    broker.restart();
    CHECK(broker.show("orders").keeps.retention.messages == 5);
    CHECK(broker.show("orders/mail").settings.lease_ms == 60'000);
    broker.connect(2);
    broker.consume("orders/mail", 0, 1);
    broker.expect<Done>(DeleteTopic{"orders"});
    CHECK(broker.take_closed().size() == 1);
    CHECK(broker.refusal(ShowQueue{"orders/mail"}) == RefusalCode::queue_not_found);
    CHECK(broker.refusal(DeleteTopic{"orders"}) == RefusalCode::queue_not_found);
}

TEST_CASE("what a topic or a subscription cannot do is refused") {
    Broker broker;
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1);
    broker.create("plain");
    CHECK(broker.refusal(Broker::batch("orders/mail", {"a"})) == RefusalCode::wrong_kind);
    EntryOptions delayed;
    delayed.delay_ms = 5;
    CHECK(broker.refusal(Broker::batch("orders", {"a"}, delayed)) == RefusalCode::wrong_kind);
    EntryOptions named;
    named.id = "x";
    CHECK(broker.refusal(Broker::batch("orders", {"a"}, named)) == RefusalCode::wrong_kind);
    OpenConsumer open;
    open.consumer = ConsumerId{9};
    open.queue = "orders";
    CHECK(broker.refusal(open) == RefusalCode::wrong_kind);
    CHECK(broker.refusal(PurgeQueue{"orders", false}) == RefusalCode::wrong_kind);
    CHECK(broker.refusal(DeleteQueue{"orders"}) == RefusalCode::wrong_kind);
    CHECK(broker.refusal(DeleteTopic{"plain"}) == RefusalCode::wrong_kind);
    CHECK(broker.refusal(CreateQueue{"orders", Profile::message, {}, false}) == RefusalCode::queue_exists);
    QueueSettingsChange dead;
    dead.dead_letter_queue = "orders";
    CHECK(broker.refusal(UpdateQueue{"plain", dead}) == RefusalCode::wrong_kind);
    QueueSettingsChange kept;
    kept.keep_completed = true;
    CHECK(broker.expect<Refusal>(UpdateQueue{"orders/mail", kept}).field == "settings");
    UpdateTopic paused;
    paused.name = "orders";
    paused.settings.paused = true;
    CHECK(broker.expect<Refusal>(paused).field == "settings");
    UpdateTopic age;
    age.name = "orders";
    age.topic.retention.age_ms = limits::ten_years_ms + 1;
    CHECK(broker.expect<Refusal>(age).field == "topic.retention.age_ms");
    CreateSubscription bad;
    bad.topic = "orders";
    bad.name = "a/b";
    CHECK(broker.expect<Refusal>(bad).field == "create_subscription.name");
    bad.name = "mail";
    bad.hold = true;
    CHECK(broker.refusal(bad) == RefusalCode::queue_exists);
    bad.topic = "none";
    CHECK(broker.refusal(bad) == RefusalCode::queue_not_found);
    CHECK(broker.show("orders").totals.produced == 0);
    broker.produce("orders", {"a"});
    CHECK(broker.refusal(RemoveJobs{"orders", {0}}) == RefusalCode::wrong_kind);
    CancelJobs cancel;
    cancel.queue = "orders";
    cancel.offsets = {0};
    CHECK(broker.refusal(cancel) == RefusalCode::wrong_kind);
    StartTask drain;
    drain.spec.kind = TaskKind::drain;
    drain.spec.queue = "orders";
    CHECK(broker.refusal(drain) == RefusalCode::wrong_kind);
    CHECK(done_from(broker, 1) == Texts{"a"});
}

TEST_CASE("a transaction does not change what a topic has, and a schedule publishes to it every time") {
    Broker broker;
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1);
    broker.produce("orders", {"a"});
    auto parts = std::make_shared<Transaction>();
    parts->change = ChangeJob{};
    parts->change->queue = "orders";
    parts->change->delay_ms = 5'000;
    CHECK(broker.refusal(RunTransaction{parts}) == RefusalCode::wrong_kind);
    for (const Overlap overlap : {Overlap::skip, Overlap::replace}) {
        ScheduleSpec spec;
        spec.queue = "orders";
        spec.overlap = overlap;
        spec.timing.every_ms = 60'000;
        spec.entry = tests::make_entries(Texts{"tick"});
        UpsertSchedule upsert;
        upsert.name = overlap == Overlap::skip ? "skips" : "replaces";
        upsert.spec = std::make_shared<const ScheduleSpec>(spec);
        broker.expect<ScheduleInfo>(upsert);
    }
    for (int i = 0; i < 3; ++i) {
        broker.advance(60'000);
    }
    const Texts got = tests::all_from(broker, 1);
    CHECK(std::count(got.begin(), got.end(), "tick") >= 6);
    CHECK(got.front() == "a");
}

TEST_CASE("messages of a subscription are redriven into a queue") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        create_topic(broker, "orders");
        subscribe(broker, "orders", "mail", 1);
        broker.create("elsewhere");
        broker.produce("orders", {"a", "b"});
        Redrive redrive;
        redrive.queue = "orders/mail";
        redrive.destination = "elsewhere";
        CHECK(broker.expect<Counted>(redrive).messages == 2);
        CHECK(broker.show("elsewhere").waiting == 2);
        CHECK(broker.show("orders/mail").waiting == 0);
        CHECK(broker.show("orders").first == 0);
    }
}

TEST_CASE("a message that expires is delivered to nobody after its time") {
    Broker broker;
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1);
    EntryOptions options;
    options.ttl_ms = 1'000;
    broker.produce("orders", {"short"}, options);
    broker.produce("orders", {"long"});
    subscribe(broker, "orders", "second", 2, StartOffset{1});  // The chunk is in memory of the topic, too.
    broker.advance(2'000);
    CHECK(broker.show("orders").first == 0);
    CHECK(done_from(broker, 1) == Texts{"long"});
    CHECK(broker.show("orders/mail").totals.expired == 1);
}
