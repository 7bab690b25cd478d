// Where consumers share by key: what comes back holds up what is behind it of its key, also over restarts.
#include "tests/unit/core/key_builder.hpp"

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

namespace {

using Texts = std::vector<std::string>;

Release later(DurationMs delay_ms) {
    Release release;
    release.delay_ms = delay_ms;
    return release;
}

/// After a restart, with both consumers there again.
void restart(Broker& broker, std::uint64_t connection) {
    broker.restart();
    broker.connect(connection);
    broker.consume("orders/mail", 0, 1);
    broker.consume("orders/mail", 0, 2);
}

/// The state that storage tells is the one in memory.
void check_restored(Broker& broker) {
    CHECK(broker.driver().core().durable_digest() == broker.driver().restored_copy()->durable_digest());
}

}  // namespace

TEST_CASE("a message that is to be tried again holds up its key and nothing else") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        share_by_key(broker);
        publish(broker, {"x1", "x2", "y1", "-1"});
        broker.fail(one_from(broker, 1));
        check_restored(broker);
        CHECK(broker.show("orders/mail").delayed == 1);
        CHECK(broker.show("orders/mail").waiting == 3);
        CHECK(all_of(broker, 1) == Texts{"y1", "-1"});
        CHECK(all_of(broker, 2).empty());
        publish(broker, {"x3"});
        CHECK(all_of(broker, 2).empty());
        broker.advance(50);
        CHECK(all_of(broker, 2).empty());
        // It comes of itself when its time has come, and what is behind it after it.
        broker.tell(broker.fetch_of(1, 5'000, 2));
        broker.advance(50);
        const Delivered again = broker.take_one();
        CHECK(again.payload == "x1");
        CHECK(again.counters.deliveries == 2);
        CHECK(again.counters.failures == 1);
        CHECK(again.cause == Cause::failed);
        CHECK(all_of(broker, 1).empty());
        CHECK(all_of(broker, 2) == Texts{"x2", "x3"});
        CHECK(broker.show("orders/mail").delayed == 0);
    }
}

TEST_CASE("what comes back stands before what is behind it, in whatever order it comes") {
    Broker broker;
    share_by_key(broker);
    publish(broker, {"x1", "x2", "x3", "x4"});
    const auto held = broker.fetch(3, 1);
    broker.fail(held.at(1));
    broker.settle_ok(held.at(0), Release{});
    CHECK(all_of(broker, 2).empty());
    // The first is out again; the second still waits for its time.
    CHECK(all_of(broker, 1) == Texts{"x1"});
    broker.settle_ok(held.at(2), later(50));
    broker.advance(60);
    CHECK(all_of(broker, 1).empty());
    broker.advance(40);
    CHECK(all_of(broker, 1) == Texts{"x2", "x3", "x4"});
}

TEST_CASE("a lost lease and a release with a delay keep the place of their message") {
    Broker broker;
    share_by_key(broker);
    publish(broker, {"x1", "x2"});
    one_from(broker, 1);
    CHECK(all_of(broker, 2).empty());
    broker.advance(30'000);
    const Delivered again = one_from(broker, 2);
    CHECK(again.payload == "x1");
    broker.settle_ok(again, later(1'000));
    CHECK(broker.settle_refused(again, Ack{}) == RefusalCode::lease_expired);
    CHECK(all_of(broker, 1).empty());
    CHECK(broker.show("orders/mail").delayed == 1);
    broker.advance(1'000);
    CHECK(all_of(broker, 1) == Texts{"x1", "x2"});
}

TEST_CASE("a last failure, a rejection and an expiry let the key go on") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        QueueSettingsChange settings = by_key();
        settings.max_attempts = 2;
        share_by_key(broker, settings);
        publish(broker, {"x1", "x2", "x3"});
        broker.fail(one_from(broker, 1));
        broker.advance(100);
        broker.fail(one_from(broker, 1));
        CHECK(broker.show("orders/mail").failed == 1);
        Fail rejected;
        rejected.terminal = true;
        broker.settle_ok(one_from(broker, 2), rejected);
        CHECK(broker.show("orders/mail").failed == 2);
        CHECK(all_done_from(broker, 1) == Texts{"x3"});

        EntryOptions mortal = tests::with_key("y");
        mortal.ttl_ms = 50;
        broker.produce("orders", {"y1"}, mortal);
        publish(broker, {"y2"});
        broker.fail(one_from(broker, 1));
        CHECK(all_of(broker, 2).empty());
        broker.advance(50);
        CHECK(all_of(broker, 2) == Texts{"y2"});
        CHECK(broker.show("orders/mail").totals.expired == 1);
        CHECK(broker.show("orders/mail").delayed == 0);
        check_restored(broker);
    }
}

TEST_CASE("a message without a key is tried again as in any subscription") {
    Broker broker;
    share_by_key(broker);
    publish(broker, {"-1", "-2"});
    broker.fail(one_from(broker, 1));
    CHECK(broker.show("orders/mail").delayed == 1);
    CHECK(all_of(broker, 2) == Texts{"-2"});
    broker.advance(100);
    CHECK(all_of(broker, 2) == Texts{"-1"});
}

TEST_CASE("a restart forgets neither what waits to be tried again nor its place") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        QueueSettingsChange settings = by_key();
        settings.backoff = Backoff{Backoff::Kind::fixed, 20'000, 20'000, 0, {}};
        share_by_key(broker, settings);
        publish(broker, {"x1", "x2", "y1", "x3"});
        broker.fail(one_from(broker, 1));
        const Delivered y = one_from(broker, 2);
        broker.ack(y);
        restart(broker, 2);
        CHECK(broker.show("orders/mail").delayed == 1);
        // x2 had been set aside: nobody knows any more that it was not delivered.
        CHECK(all_of(broker, 1).empty());
        broker.advance(6'000);
        CHECK(all_of(broker, 1).empty());
        CHECK(broker.show("orders/mail").waiting == 2);
        check_restored(broker);
        broker.advance(14'000);
        const auto again = broker.fetch(1, 2);
        REQUIRE(again.size() == 1);
        CHECK(again[0].payload == "x1");
        CHECK(again[0].counters.deliveries == 2);
        CHECK(again[0].cause == Cause::failed);
        CHECK(all_of(broker, 1).empty());
        CHECK(all_of(broker, 2) == Texts{"x2", "x3"});
    }
}

TEST_CASE("after a restart nothing goes out before what was in flight is settled or has come back") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        share_by_key(broker);
        publish(broker, {"x1", "x2", "y1"});
        const Delivered held = one_from(broker, 1);
        broker.advance(300);  // Its lease has a record.
        broker.restart();
        broker.connect(2, 5'000, 1'001);
        OpenConsumer again;
        again.consumer = ConsumerId{1};
        again.queue = "orders/mail";
        again.redeclared = true;
        again.held_batches = {held.token.batch};
        broker.expect<Done>(again);
        broker.consume("orders/mail", 0, 2);
        CHECK(all_of(broker, 2).empty());
        const auto why = broker.expect<ExplanationPtr>(WhyQueue{"orders/mail"});
        REQUIRE(!why->obstacles.empty());
        CHECK(why->obstacles[0].kind == Obstacle::Kind::restart);
        broker.ack(held);
        CHECK(all_of(broker, 2) == Texts{"x2", "y1"});
        CHECK(all_of(broker, 1).empty());
    }
}

TEST_CASE("what was in flight unrecorded before a restart comes back in the order of its key") {
    for (const CoreOptions& options : topic_memories()) {
        Broker broker(options);
        share_by_key(broker);
        publish(broker, {"x1", "x2", "x3", "y1"});
        one_from(broker, 1);
        const Delivered second = one_from(broker, 1);
        CHECK(all_of(broker, 2) == Texts{"y1"});
        restart(broker, 2);
        // The old token still settles what it holds.
        broker.ack(second);
        CHECK(all_of(broker, 1).empty());
        broker.advance(6'000);
        CHECK(one_from(broker, 1).payload == "x1");
        const auto rest = all_of(broker, 2);
        CHECK(rest == Texts{"y1"});
        CHECK(all_of(broker, 1) == Texts{"x3"});
        check_restored(broker);
    }
}

TEST_CASE("retention leaves what is to be tried again in its place") {
    Broker broker;
    TopicSettingsChange keeps;
    keeps.retention.messages = 2;
    create_topic(broker, "orders", keeps);
    subscribe(broker, "orders", "mail", 1, StartNow{}, by_key());
    publish(broker, {"x1", "x2"});
    broker.fail(one_from(broker, 1));
    publish(broker, {"y1", "y2", "y3"});
    broker.advance(50);
    CHECK(broker.show("orders").first == 0);
    broker.advance(1'000);
    CHECK(all_done_from(broker, 1) == Texts{"x1", "x2", "y1", "y2", "y3"});
    CHECK(broker.show("orders/mail").totals.dropped == 0);
    broker.advance(1'000);
    CHECK(broker.show("orders").first == 3);
    // What is only set aside is let go like everything that was not delivered.
    publish(broker, {"x3", "x4"});
    const Delivered held = one_from(broker, 1);
    publish(broker, {"z1", "z2", "z3"});
    broker.consume("orders/mail", 0, 2);
    CHECK(all_of(broker, 2) == Texts{"z1", "z2", "z3"});
    broker.ack(held);
    broker.advance(1'000);
    CHECK(broker.show("orders/mail").waiting == 0);
    CHECK(broker.show("orders/mail").totals.dropped == 1);
}

TEST_CASE("what held up its key and is removed lets the next one go to whoever waits") {
    Broker broker;
    QueueSettingsChange settings = by_key();
    settings.backoff = Backoff{Backoff::Kind::fixed, 3'600'000, 3'600'000, 0, {}};
    share_by_key(broker, settings);
    publish(broker, {"x1", "x2"});
    broker.fail(one_from(broker, 1));
    broker.consume("orders/mail", 10, 3);
    broker.advance(1);
    CHECK(broker.take_payloads().empty());
    RemoveJobs remove;
    remove.queue = "orders/mail";
    remove.offsets = {0};
    CHECK(broker.expect<JobsRemoved>(remove).removed == 1);
    CHECK(broker.take_payloads() == Texts{"x2"});
}

TEST_CASE("a failed message that had a priority before the mode comes again in it") {
    Broker broker;
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1);
    publish(broker, {"x1", "x2"});
    ChangeJob change;
    change.queue = "orders/mail";
    change.offset = 0;
    change.priority = 5;
    broker.expect<Done>(change);
    Fail no;
    no.terminal = true;
    for (int i = 0; i < 2; ++i) {
        broker.settle_ok(one_from(broker, 1), no);
    }
    broker.update("orders/mail", by_key());
    RetryFailed retry;
    retry.queue = "orders/mail";
    CHECK(broker.expect<Counted>(retry).messages == 2);
    CHECK(all_done_from(broker, 1) == Texts{"x1", "x2"});
}

TEST_CASE("retention waits for what is to be tried again, not for what nobody fetches") {
    Broker broker;
    TopicSettingsChange keeps;
    keeps.retention.messages = 1;
    create_topic(broker, "orders", keeps);
    subscribe(broker, "orders", "mail", 1, StartNow{}, by_key());
    publish(broker, {"x1", "y1"});
    broker.settle_ok(one_from(broker, 1), later(60'000));
    broker.settle_ok(one_from(broker, 1), later(0));
    publish(broker, {"z1"});
    broker.advance(1'000);
    CHECK(broker.show("orders").first == 0);
    broker.advance(60'000);
    CHECK(broker.show("orders").first == 2);
    CHECK(broker.show("orders/mail").totals.dropped == 2);
    CHECK(all_of(broker, 1) == Texts{"z1"});
}

TEST_CASE("what has left the log to be tried again stays when retention passes its place") {
    Broker broker;
    TopicSettingsChange keeps;
    keeps.retention.messages = 2;
    create_topic(broker, "orders", keeps);
    subscribe(broker, "orders", "mail", 1, StartNow{}, by_key());
    broker.produce("orders", {"-1", "-2"});
    const Delivered before = one_from(broker, 1);
    broker.settle_ok(one_from(broker, 1), later(100));
    broker.settle_ok(before, later(0));
    broker.advance(200);
    CHECK(broker.show("orders/mail").waiting == 2);
    broker.produce("orders", {"z1", "z2"});
    broker.advance(1'000);
    CHECK(broker.show("orders").first == 2);
    CHECK(broker.show("orders/mail").totals.dropped == 1);
    CHECK(all_of(broker, 1) == Texts{"-2", "z1", "z2"});
}
