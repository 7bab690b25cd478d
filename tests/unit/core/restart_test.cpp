// What a restart without warning makes of leases, below and beyond what has a record.
#include "server/core/start_marks.hpp"
#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;
using baton::tests::Delivered;
using baton::tests::lease_of;

TEST_CASE("a message that may have been delivered is held for the grace, and its old token settles it") {
    Broker broker;
    broker.create("work", lease_of(60'000));
    broker.produce("work", {"a", "b"});
    broker.consume("work", 1);
    const Delivered held = broker.take_one();
    broker.restart();
    broker.connect(2);
    broker.consume("work");
    CHECK(broker.take_one().payload == "b");
    CHECK(broker.show("work").leased == 2);
    broker.ack(held);
    broker.advance(limits::restart_grace_ms);
    CHECK(broker.take().empty());
    CHECK(broker.show("work").totals.acked == 1);
}

TEST_CASE("after the grace it is delivered again, with the cause and without a loss") {
    Broker broker;
    broker.create("work", lease_of(60'000));
    broker.produce("work", {"a"});
    broker.consume("work");
    const Delivered held = broker.take_one();
    broker.restart();
    broker.connect(2);
    broker.consume("work");
    broker.advance(limits::restart_grace_ms - 1);
    CHECK(broker.take().empty());
    broker.advance(1);
    const Delivered again = broker.take_one();
    CHECK(again.cause == Cause::restart);
    CHECK(again.counters == Counters{2, 0, 0});
    CHECK(again.token.epoch > held.token.epoch);
    CHECK(broker.settle_refused(held, Ack{}) == RefusalCode::lease_superseded);
}

TEST_CASE("a lease that was held for a while goes on to its deadline") {
    Broker broker;
    broker.create("work", lease_of(60'000));
    broker.produce("work", {"a"});
    broker.consume("work");
    const Delivered held = broker.take_one();
    broker.settle_ok(held, Started{});
    broker.advance(limits::lease_record_after_ms + 100);
    broker.restart();
    REQUIRE(broker.connect(2, 60'000, 1'001).resumed);
    OpenConsumer open;
    open.consumer = ConsumerId{1};
    open.queue = "work";
    open.credit_messages = 10;
    open.redeclared = true;
    open.held_batches = {held.token.batch};
    broker.expect<Done>(open);
    broker.advance(59'000 - limits::lease_record_after_ms);
    CHECK(broker.take().empty());
    broker.advance(1'000);
    const Delivered again = broker.take_one();
    CHECK(again.cause == Cause::lease_expired);
    CHECK(again.counters == Counters{2, 0, 1});
}

TEST_CASE("what was never delivered is delivered for the first time after a restart") {
    Broker broker;
    broker.create("work");
    broker.produce("work", {"a", "b", "c"});
    broker.restart();
    broker.connect(2);
    broker.consume("work");
    const auto all = broker.take();
    REQUIRE(all.size() == 3);
    for (const Delivered& one : all) {
        CHECK(one.counters == Counters{1, 0, 0});
        CHECK(one.cause == Cause::none);
    }
}

TEST_CASE("acks, failures and counts are the same after a restart as before") {
    Broker broker;
    broker.create("work");
    broker.produce("work", {"a", "b", "c", "d"});
    broker.consume("work");
    const auto all = broker.take();
    REQUIRE(all.size() == 4);
    broker.ack(all[1]);
    Fail later;
    later.reason = "again";
    later.retry_after_ms = 600'000;
    broker.settle_ok(all[2], later);
    const QueueInfo before = broker.show("work");
    broker.restart();
    broker.connect(2);
    const QueueInfo after = broker.show("work");
    CHECK(after.totals == before.totals);
    CHECK(after.delayed == before.delayed);
    CHECK(after.waiting + after.leased == before.waiting + before.leased);
    CHECK(after.live_bytes == before.live_bytes);
}

TEST_CASE("a token does not settle what has the offset of a message that a crash took back") {
    Broker broker;
    QueueSettingsChange settings = lease_of(60'000);
    settings.durability = Durability::os;
    broker.create("fast", settings);
    broker.create("synced");
    broker.produce("fast", {"taken back"});
    broker.consume("fast");
    const Delivered held = broker.take_one();
    broker.restart();
    broker.connect(2);
    REQUIRE(broker.show("fast").totals.produced == 0);
    REQUIRE(broker.produce("fast", {"another"}).first == held.offset);
    broker.consume("fast");
    REQUIRE(broker.take_one().payload == "another");
    SECTION("after one restart") { CHECK(broker.settle_refused(held, Ack{}) == RefusalCode::lease_superseded); }
    SECTION("after two, where nobody knows who holds it") {
        broker.produce("synced", {"makes what came before durable"});
        broker.restart();
        broker.connect(3);
        CHECK(broker.settle_refused(held, Ack{}) == RefusalCode::lease_superseded);
        broker.consume("fast");
        broker.advance(limits::restart_grace_ms);
        CHECK(broker.take_one().payload == "another");
    }
}

TEST_CASE("of many starts the latest are remembered, and a token older than those is a stranger's") {
    StartMarks starts;
    CHECK(starts.may_hold(1, 1'000));
    for (std::uint64_t epoch = 2; epoch <= StartMarks::marks_max; ++epoch) {
        starts.add(epoch, epoch * 10);
    }
    CHECK(starts.may_hold(2, 29));
    CHECK_FALSE(starts.may_hold(2, 30));
    CHECK(starts.may_hold(8, 1'000));
    CHECK_FALSE(starts.may_hold(1, 20));
    CHECK(starts.may_hold(1, 19));
    starts.add(9, 90);
    CHECK_FALSE(starts.may_hold(1, 0));
    CHECK(starts.may_hold(3, 39));
}

TEST_CASE("a completed job that is retried is not held by the record of its old lease") {
    Broker broker;
    broker.expect<QueueInfo>(CreateQueue{"jobs", Profile::job, lease_of(60'000), false});
    EntryOptions options;
    options.priority = 1;
    broker.produce("jobs", {"a", "b"}, options);
    broker.consume("jobs", 0);
    const auto held = broker.fetch(2);
    broker.advance(limits::lease_record_after_ms + 100);
    broker.ack(held[0]);
    CHECK(broker.expect<Counted>(RetryFailed{"jobs", {0}}).messages == 1);
    broker.restart();
    broker.connect(2);
    CHECK(broker.expect<MessageList>(ShowJob{"jobs", 0}).messages.front().state == MessageState::prioritized);
    CHECK(broker.settle_refused(held[0], Fail{}) == RefusalCode::message_gone);
    broker.consume("jobs", 1, 2);
    CHECK(broker.take_one().payload == "a");
}

TEST_CASE("the delivery that a restart presumes is counted once, also of a job that is changed meanwhile") {
    Broker broker;
    broker.expect<QueueInfo>(CreateQueue{"jobs", Profile::job, lease_of(60'000), false});
    EntryOptions options;
    options.delay_ms = 100;
    broker.produce("jobs", {"late"}, options);
    broker.consume("jobs");
    broker.advance(100);
    CHECK(broker.take_one().counters == Counters{1, 0, 0});
    broker.driver().crash(0, true);
    broker.driver().advance(limits::restart_grace_ms);
    ChangeJob change;
    change.queue = "jobs";
    change.priority = 0;
    broker.driver().apply({ConnectionId{1}, RequestId{901}, "", change});
    broker.connect(2);
    REQUIRE(broker.reply_to(901) != nullptr);
    CHECK(std::holds_alternative<Done>(*broker.reply_to(901)));
    broker.consume("jobs", 1, 2);
    CHECK(broker.take_one().counters == Counters{2, 0, 0});
}

TEST_CASE("of two leases that one consumer id has in two queues each lives with its own queue") {
    const bool other_order = GENERATE(false, true);
    const std::string first = other_order ? "b" : "a", second = other_order ? "a" : "b";
    Broker broker;
    for (const char* name : {"a", "b"}) {
        broker.expect<QueueInfo>(CreateQueue{name, Profile::job, lease_of(60'000), false});
    }
    EntryOptions options;
    options.priority = 1;
    broker.produce(first, {"first"}, options);
    broker.produce(second, {"second"}, options);
    broker.consume(first, 1);
    broker.take_one();
    broker.advance(limits::lease_record_after_ms + 100);
    auto& driver = broker.driver();
    driver.crash(0, true);
    // Closed and opened anew on another queue before the body of what it holds is read.
    std::uint64_t id = 900;
    const auto commit = [&](RequestBody body) {
        driver.apply({ConnectionId{2}, RequestId{++id}, "", std::move(body)});
        driver.tick();
        driver.seal();
        driver.finish_commit();
    };
    commit(OpenSession{SessionId{1'001}, SessionId{1'002}, 5'000});
    commit(CloseConsumer{ConsumerId{1}});
    OpenConsumer open;
    open.consumer = ConsumerId{1};
    open.queue = second;
    open.credit_messages = 1;
    commit(open);
    for (std::size_t i = 0; i < driver.reads();) {
        const auto* lane = std::get_if<ReadLane>(&driver.read(i).what);
        if (lane != nullptr && lane->max_records == 1) {
            ++i;  // Of a restored lease.
        } else {
            driver.answer_read(i);
        }
    }
    commit(ShowQueue{second});
    driver.advance(limits::lease_record_after_ms + 100);
    commit(ShowQueue{second});
    REQUIRE(driver.store().tables().leases.size() == 2);
    broker.restart();
    broker.connect(3);
    broker.take();
    broker.expect<Done>(DeleteQueue{first});
    broker.consume(second, 1, 2);
    CHECK(broker.take().empty());
    broker.advance(60'000);
    CHECK(broker.take_one().payload == "second");
}
