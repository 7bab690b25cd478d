// Why nothing is delivered: each cause, of a queue and of a message.
#include "tests/unit/core/broker.hpp"

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::Delivered;
using Hindrance = Obstacle::Kind;

namespace {

std::vector<Obstacle> why_queue(Broker& broker) {
    const auto body = broker.ask(WhyQueue{"q"});
    REQUIRE(std::holds_alternative<ExplanationPtr>(body));
    CHECK_FALSE(std::get<ExplanationPtr>(body)->offset);
    return std::get<ExplanationPtr>(body)->obstacles;
}

Explanation why_job(Broker& broker, Offset offset) {
    const auto body = broker.ask(WhyJob{"q", offset});
    REQUIRE(std::holds_alternative<ExplanationPtr>(body));
    CHECK(std::get<ExplanationPtr>(body)->offset == offset);
    CHECK(std::get<ExplanationPtr>(body)->now == broker.now());
    return *std::get<ExplanationPtr>(body);
}

std::vector<Hindrance> kinds_of(const std::vector<Obstacle>& obstacles) {
    std::vector<Hindrance> kinds;
    for (const Obstacle& one : obstacles) {
        kinds.push_back(one.kind);
    }
    return kinds;
}

EntryOptions in_group(const char* group, DurationMs delay_ms = 0) {
    EntryOptions options;
    options.group = group;
    if (delay_ms != 0) {
        options.delay_ms = delay_ms;
    }
    return options;
}

}  // namespace

TEST_CASE("nothing stands in the way of what is handed out at once, nor of an empty queue but its emptiness") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 10);
    CHECK(why_queue(broker) == std::vector{Obstacle{Hindrance::nothing_ready}});
    EntryOptions later;
    later.delay_ms = 5'000;
    broker.produce("q", {"1", "2"}, later);
    CHECK(why_queue(broker) == std::vector{Obstacle{Hindrance::nothing_ready, broker.now() + 5'000, 2}});
}

TEST_CASE("a queue is told what holds it: pause, penalty, rate, what is in flight, all at once") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_in_flight = 1;
    settings.rate_limit = RateLimit{1, 10'000, 1};
    broker.create("q", settings);
    broker.consume("q", 10);
    broker.produce("q", {"1", "2"});
    REQUIRE(broker.take().size() == 1);
    CHECK(why_queue(broker) ==
          std::vector{Obstacle{Hindrance::in_flight, 0, 1}, Obstacle{Hindrance::rate, broker.now() + 10'000}});
    settings = {};
    settings.paused = true;
    settings.paused_until = broker.now() + 60'000;
    broker.update("q", settings);
    broker.expect<QueueInfo>(Penalise{"q", 90'000});
    CHECK(why_queue(broker) ==
          std::vector{Obstacle{Hindrance::paused}, Obstacle{Hindrance::paused_until, broker.now() + 60'000},
                      Obstacle{Hindrance::penalty, broker.now() + 90'000}, Obstacle{Hindrance::in_flight, 0, 1},
                      Obstacle{Hindrance::rate, broker.now() + 10'000}});
    broker.advance(100'000);
    settings = {};
    settings.paused = false;
    broker.update("q", settings);
    // The lease has run out meanwhile, and the message was delivered again.
    CHECK(kinds_of(why_queue(broker)) == std::vector{Hindrance::in_flight, Hindrance::rate});
}

TEST_CASE("nobody there, nobody connected, nobody with credit") {
    Broker broker;
    broker.create("q");
    broker.produce("q", {"1", "2"});
    CHECK(why_queue(broker) == std::vector{Obstacle{Hindrance::no_consumer}});
    broker.consume("q", 1);
    CHECK(why_queue(broker) == std::vector{Obstacle{Hindrance::credit_used, 0, 1}});
    broker.lose(1);
    broker.connect(2);
    CHECK(why_queue(broker) == std::vector{Obstacle{Hindrance::consumers_away, 0, 1}});
}

TEST_CASE("a message that is not due says so, and what its last attempt said") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 0);
    EntryOptions later;
    later.delay_ms = 5'000;
    later.id = "job 7";
    broker.produce("q", {"1"}, later);
    Explanation why = why_job(broker, 0);
    CHECK(why.state == MessageState::delayed);
    REQUIRE_FALSE(why.obstacles.empty());
    CHECK(why.obstacles.front() == Obstacle{Hindrance::not_due, broker.now() + 5'000});
    broker.advance(5'000);
    Fail fail;
    fail.reason = "no luck";
    fail.retry_after_ms = 7'000;
    broker.settle_ok(broker.fetch(1).front(), fail);
    why = why_job(broker, 0);
    CHECK(why.obstacles.front() == Obstacle{Hindrance::not_due, broker.now() + 7'000, 0, "no luck"});
    CHECK(why.obstacles.back().kind == Hindrance::credit_used);
    const auto by_id = broker.ask(WhyJob{"q", 0, "job 7"});
    CHECK(std::get<ExplanationPtr>(by_id)->offset == 0U);
}

TEST_CASE("a message that is held tells its holder, and that it was cancelled") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 10);
    broker.produce("q", {"1"});
    Explanation why = why_job(broker, 0);
    CHECK(why.state == MessageState::leased);
    CHECK(why.obstacles == std::vector{Obstacle{Hindrance::leased, broker.now() + 30'000, 0, "worker-1"}});
    CancelJobs cancel;
    cancel.queue = "q";
    cancel.offsets = {0};
    cancel.grace_ms = 2'000;
    broker.expect<JobsCancelled>(cancel);
    why = why_job(broker, 0);
    CHECK(kinds_of(why.obstacles) == std::vector{Hindrance::leased, Hindrance::cancelled});
    CHECK(why.obstacles.back().until == broker.now() + 2'000);
}

TEST_CASE("a message that is over says how") {
    Broker broker;
    broker.expect<QueueInfo>(CreateQueue{"q", Profile::job, {}, false});
    broker.consume("q", 10);
    broker.produce("q", {"1", "2"});
    const auto held = broker.take();
    broker.ack(held[0]);
    Fail fail;
    fail.reason = "never";
    fail.terminal = true;
    broker.settle_ok(held[1], fail);
    CHECK(why_job(broker, 0).obstacles == std::vector{Obstacle{Hindrance::completed}});
    CHECK(why_job(broker, 1).obstacles == std::vector{Obstacle{Hindrance::failed, 0, 0, "never"}});
    CHECK(broker.refusal(WhyJob{"q", 9}) == RefusalCode::message_not_found);
    CHECK(broker.refusal(WhyJob{"none", 9}) == RefusalCode::queue_not_found);
    CHECK(broker.refusal(WhyQueue{"none"}) == RefusalCode::queue_not_found);
}

TEST_CASE("a message that waits is told of its queue, of its group and of those before it") {
    Broker broker;
    QueueSettingsChange settings;
    settings.group_max_in_flight = 1;
    broker.expect<QueueInfo>(CreateQueue{"q", Profile::job, settings, false});
    broker.consume("q", 10);
    broker.produce("q", {"1", "2", "3"}, in_group("acme"));
    REQUIRE(broker.take().size() == 1);
    CHECK(why_job(broker, 1).obstacles ==
          std::vector{Obstacle{Hindrance::in_flight, 0, 0, "acme"}, Obstacle{Hindrance::others_before, 0, 1}});
    CHECK(why_queue(broker) == std::vector{Obstacle{Hindrance::groups_held, 0, 1}});
    SetGroup pause;
    pause.queue = "q";
    pause.group = "acme";
    pause.paused_until = broker.now() + 4'000;
    broker.ask(pause);
    const auto why = why_job(broker, 2).obstacles;
    REQUIRE_FALSE(why.empty());
    CHECK(why.front() == Obstacle{Hindrance::paused_until, broker.now() + 4'000, 0, "acme"});
}

TEST_CASE("in strict order a group waits for its first to be tried again") {
    Broker broker;
    QueueSettingsChange settings;
    settings.group_order = GroupOrder::strict;
    broker.expect<QueueInfo>(CreateQueue{"q", Profile::job, settings, false});
    broker.consume("q", 10);
    broker.produce("q", {"1", "2"}, in_group("acme"));
    Fail fail;
    fail.retry_after_ms = 7'000;
    broker.settle_ok(broker.take_one(), fail);
    CHECK(kinds_of(why_job(broker, 1).obstacles) == std::vector{Hindrance::retry});
}

TEST_CASE("what may have been delivered before a restart is held until its grace ends") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_in_flight = 5;
    broker.create("q", settings);
    broker.consume("q", 10);
    broker.produce("q", {"1"});
    REQUIRE(broker.take().size() == 1);
    broker.restart();
    broker.connect(2);
    broker.consume("q", 10);
    const auto why = why_job(broker, 0).obstacles;
    REQUIRE_FALSE(why.empty());
    CHECK(why.front().kind == Hindrance::restart);
    CHECK(why.front().until > broker.now());
}

TEST_CASE("a message that is delivered alone waits for a consumer that holds no other such") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 10, 1);
    broker.produce("q", {"1", "2"});
    for (const Delivered& one : broker.take()) {
        broker.settle_ok(one, Started{});
    }
    broker.expect<Done>(CloseConsumer{ConsumerId{1}});
    broker.consume("q", 10, 2);
    REQUIRE(broker.take_one().offset == 0);
    const auto why = kinds_of(why_job(broker, 1).obstacles);
    CHECK(std::find(why.begin(), why.end(), Hindrance::isolated) != why.end());
}

TEST_CASE("a server that is about to stop says so") {
    Broker broker;
    broker.create("q");
    broker.consume("q", 10);
    broker.driver().core().stop_delivering();
    broker.produce("q", {"1"});
    CHECK(why_queue(broker) == std::vector{Obstacle{Hindrance::draining}});
}
