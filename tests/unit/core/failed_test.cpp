#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;
using baton::tests::Delivered;

namespace {

Fail terminal(const std::string& reason) {
    Fail fail;
    fail.reason = reason;
    fail.terminal = true;
    return fail;
}

QueueSettingsChange with_target(const std::string& name) {
    QueueSettingsChange settings;
    settings.dead_letter_queue = name;
    return settings;
}

/// Delivers the next message of the queue to a consumer of the moment and fails it for good.
Offset fail_next(Broker& broker, const std::string& queue, const std::string& reason) {
    broker.consume(queue, 1, 50);
    const Delivered one = broker.take_one();
    broker.settle_ok(one, terminal(reason));
    const auto rest = broker.take();
    broker.expect<Done>(CloseConsumer{ConsumerId{50}});
    return one.offset;
}

}  // namespace

TEST_CASE("the last attempt is the last: at the cap a message is in the failed set with its history") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_attempts = 3;
    settings.backoff = Backoff{Backoff::Kind::fixed, 100, 100, 0, {}};
    broker.create("work", settings);
    broker.produce("work", {"a"});
    broker.consume("work");
    for (int attempt = 1; attempt <= 3; ++attempt) {
        CHECK(broker.show("work").failed == 0);
        broker.fail(broker.take_one(), "try " + std::to_string(attempt));
        broker.advance(100);
    }
    CHECK(broker.take().empty());
    const QueueInfo info = broker.show("work");
    CHECK(info.failed == 1);
    CHECK(info.waiting + info.delayed + info.leased == 0);
    const auto shown = broker.expect<MessageList>(ShowFailed{"work", 0}).messages;
    REQUIRE(shown.size() == 1);
    CHECK(shown[0].reason == EndReason::attempts_exhausted);
    CHECK(shown[0].counters == Counters{3, 3, 0});
    REQUIRE(shown[0].attempts.size() == 3);
    CHECK(shown[0].attempts[2].reason == "try 3");
    CHECK(shown[0].at == shown[0].attempts[2].at);
}

TEST_CASE("a retried message starts from nothing, or keeps its counters when asked") {
    const bool keep = GENERATE(false, true);
    CAPTURE(keep);
    Broker broker;
    broker.create("work");
    broker.produce("work", {"a", "b"});
    const Offset first = fail_next(broker, "work", "bad");
    const Counted counted = broker.expect<Counted>(RetryFailed{"work", {first, 77}, keep});
    CHECK(counted.messages == 1);
    CHECK(counted.skipped == 1);
    CHECK(broker.show("work").failed == 0);
    broker.consume("work", 100, 2);
    const auto all = broker.take();
    REQUIRE(all.size() == 2);
    // It keeps its place and its id.
    CHECK(all[0].payload == "a");
    CHECK(all[0].offset == first);
    CHECK(all[0].cause == Cause::retried);
    CHECK(all[0].counters == (keep ? Counters{2, 1, 0} : Counters{1, 0, 0}));
}

TEST_CASE("a retry of all takes every failed message") {
    Broker broker;
    broker.create("work");
    for (int i = 0; i < 30; ++i) {
        broker.produce("work", {"m"});
        fail_next(broker, "work", "bad");
    }
    CHECK(broker.show("work").failed == 30);
    CHECK(broker.expect<Counted>(RetryFailed{"work", {}, false}).messages == 30);
    CHECK(broker.show("work").failed == 0);
    CHECK(broker.show("work").waiting == 30);
}

TEST_CASE("a dead-lettered message leaves its queue for the other one, and tells where it came from") {
    Broker broker;
    broker.create("dead");
    broker.create("work", with_target("dead"));
    broker.produce("work", {"a"});
    const Offset offset = fail_next(broker, "work", "unknown street");
    CHECK(broker.show("work").failed == 0);
    CHECK(broker.show("work").totals.dead_lettered == 1);
    CHECK(broker.show("dead").waiting == 1);
    broker.consume("dead");
    const Delivered dead = broker.take_one();
    CHECK(dead.payload == "a");
    CHECK(dead.counters == Counters{1, 0, 0});
    REQUIRE(dead.origin);
    CHECK(dead.origin->queue == "work");
    CHECK(dead.origin->offset == offset);
    CHECK(dead.origin->reason == EndReason::rejected);
    CHECK(dead.origin->counters == Counters{1, 1, 0});
    REQUIRE(dead.origin->attempts.size() == 1);
    CHECK(dead.origin->attempts[0].reason == "unknown street");
}

TEST_CASE("a redrive moves messages back to where they came from") {
    Broker broker;
    broker.create("dead");
    broker.create("work", with_target("dead"));
    for (int i = 0; i < 3; ++i) {
        broker.produce("work", {std::to_string(i)});
        fail_next(broker, "work", "bad");
    }
    broker.produce("dead", {"of its own"});
    Redrive redrive;
    redrive.queue = "dead";
    redrive.max_messages = 2;
    CHECK(broker.expect<Counted>(redrive).messages == 2);
    CHECK(broker.show("work").waiting == 2);
    redrive.max_messages = 0;
    const Counted rest = broker.expect<Counted>(redrive);
    CHECK(rest.messages == 1);
    CHECK(rest.skipped == 1);  // It came from nowhere else.
    CHECK(broker.show("dead").waiting == 1);
    broker.consume("work", 100, 3);
    const auto all = broker.take();
    REQUIRE(all.size() == 3);
    CHECK(all[0].payload == "0");
    CHECK(all[0].cause == Cause::redriven);
}

TEST_CASE("a redrive may name one destination for all") {
    Broker broker;
    broker.create("dead");
    broker.create("elsewhere");
    broker.create("work", with_target("dead"));
    broker.produce("work", {"a"});
    fail_next(broker, "work", "bad");
    Redrive redrive;
    redrive.queue = "dead";
    redrive.destination = "nowhere";
    CHECK(broker.refusal(redrive) == RefusalCode::queue_not_found);
    redrive.destination = "elsewhere";
    CHECK(broker.expect<Counted>(redrive).messages == 1);
    CHECK(broker.show("elsewhere").waiting == 1);
    CHECK(broker.show("dead").waiting == 0);
}

TEST_CASE("a redrive of messages that were delayed is counted on disk") {
    Broker broker;
    broker.create("dead");
    broker.create("elsewhere");
    EntryOptions options;
    options.delay_ms = 100;
    broker.produce("dead", {"a", "b"}, options);
    broker.advance(100);
    Redrive redrive;
    redrive.queue = "dead";
    redrive.destination = "elsewhere";
    CHECK(broker.expect<Counted>(redrive).messages == 2);
    broker.restart();
    broker.connect(2);
    const QueueInfo dead = broker.show("dead");
    CHECK(dead.waiting + dead.delayed == 0);
    CHECK(dead.totals.dead_lettered == 2);
    CHECK(broker.show("elsewhere").waiting == 2);
}

TEST_CASE("the counters that a redrive kept are not forgotten by a restart") {
    Broker broker;
    broker.create("dead");
    broker.create("work", with_target("dead"));
    broker.produce("work", {"a"});
    fail_next(broker, "work", "bad");
    Redrive redrive;
    redrive.queue = "dead";
    redrive.keep_counters = true;
    CHECK(broker.expect<Counted>(redrive).messages == 1);
    broker.consume("work");
    CHECK(broker.take_one().counters == Counters{2, 1, 0});
    broker.restart();
    broker.connect(2);
    broker.consume("work");
    broker.advance(limits::restart_grace_ms);
    const Delivered again = broker.take_one();
    CHECK(again.cause == Cause::restart);
    CHECK(again.counters == Counters{3, 1, 0});
}

TEST_CASE("the failed set survives a restart, history and all") {
    Broker broker;
    broker.create("work");
    broker.produce("work", {"a"});
    const Offset offset = fail_next(broker, "work", "bad");
    broker.restart();
    broker.connect(2);
    const auto shown = broker.expect<MessageList>(ShowFailed{"work", offset}).messages;
    REQUIRE(shown.size() == 1);
    REQUIRE(shown[0].attempts.size() == 1);
    CHECK(shown[0].attempts[0].reason == "bad");
    CHECK(broker.refusal(ShowFailed{"work", 99}) == RefusalCode::message_not_found);
}
