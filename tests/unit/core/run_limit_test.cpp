// How long one attempt may run: by its queue and by itself, extended or not, over a restart, and what then follows.
#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;
using baton::tests::Delivered;

namespace {

QueueSettingsChange run_limit_of(DurationMs limit) {
    QueueSettingsChange settings;
    settings.run_limit_ms = limit;
    settings.lease_ms = 60'000;
    settings.backoff = Backoff{Backoff::Kind::fixed, 500, 500, 0, {}};
    return settings;
}

}  // namespace

TEST_CASE("an attempt that runs too long fails, whatever was extended, and its holder is told") {
    Broker broker;
    broker.create("q", run_limit_of(2'000));
    EntryOptions options;
    options.delay_ms = GENERATE(0, 10);
    broker.produce("q", {"a", "b"}, options);
    broker.consume("q", 2);
    broker.advance(10);
    const auto held = broker.take();
    REQUIRE(held.size() == 2);
    const TimeMs delivered = broker.now() - (*options.delay_ms == 0 ? 10 : 0);
    broker.settle_ok(held[0], Extend{60'000});
    broker.settle_ok(held[1], Extend{60'000});
    broker.advance(delivered + 1'999 - broker.now());
    CHECK(broker.show("q").leased == 2);
    broker.advance(1);
    CHECK(broker.show("q").delayed == 2);
    const auto told = broker.take_revoked();
    REQUIRE(told.size() == 1);
    CHECK(told[0].reason == RevokeReason::run_limit);
    CHECK(told[0].ranges.at(0).count == 2);
    CHECK(broker.settle_refused(held[0], Ack{}) == RefusalCode::run_time_exceeded);
    broker.advance(500);
    const auto again = broker.take();
    REQUIRE(again.size() == 2);
    CHECK(again[0].cause == Cause::failed);
    CHECK(again[0].counters == Counters{2, 1, 0});
    CHECK(broker.settle_refused(held[0], Ack{}) != RefusalCode::token_unknown);
    const auto shown = broker.peek("q", MessageState::leased).messages.at(0);
    REQUIRE(shown.attempts.size() == 1);
    CHECK(shown.attempts[0].error_class == "RunTimeExceeded");
    CHECK(shown.attempts[0].delivered_at == delivered);
    CHECK(shown.attempts[0].at == delivered + 2'000);
    broker.ack(again[0]);
    broker.ack(again[1]);
}

TEST_CASE("a message's own run limit goes before its queue's, and attempts and rules apply") {
    Broker broker;
    QueueSettingsChange settings = run_limit_of(2'000);
    settings.retry_rules = std::vector<RetryRule>{{"RunTime*", RetryRule::Action::fail, {}}};
    broker.create("q", settings);
    EntryOptions options;
    options.run_limit_ms = 5'000;
    broker.produce("q", {"a"}, options);
    broker.consume("q");
    broker.take_one();
    broker.advance(4'999);
    CHECK(broker.show("q").leased == 1);
    CHECK(broker.peek("q", MessageState::leased).messages.at(0).run_limit_ms == 5'000);
    broker.advance(1);
    CHECK(broker.show("q").failed == 1);
    CHECK(broker.expect<MessageList>(ShowFailed{"q", 0}).messages.at(0).reason == EndReason::rejected);
}

TEST_CASE("a run limit that ends within a lease outlives a restart") {
    Broker broker;
    broker.create("q", run_limit_of(4'000));
    EntryOptions options;
    options.priority = GENERATE(0, 3);
    broker.produce("q", {"a"}, options);
    broker.consume("q");
    const Delivered held = broker.take_one();
    broker.advance(1'000);
    broker.restart();
    broker.connect(2, 5'000, 1'001);
    OpenConsumer open;
    open.consumer = ConsumerId{1};
    open.queue = "q";
    open.credit_messages = 10;
    open.redeclared = true;
    open.held_batches = {held.token.batch};
    broker.expect<Done>(open);
    broker.settle_ok(held, Extend{30'000});
    broker.advance(2'999);
    CHECK(broker.show("q").leased == 1);
    broker.advance(1);
    CHECK(broker.show("q").delayed == 1);
    REQUIRE(broker.take_revoked().size() == 1);
}

TEST_CASE("run limits are bounded") {
    Broker broker;
    QueueSettingsChange settings;
    settings.run_limit_ms = limits::ten_years_ms + 1;
    CHECK(broker.expect<Refusal>(CreateQueue{"q", Profile::message, settings, false}).field == "settings.run_limit_ms");
    broker.create("q");
    EntryOptions options;
    options.run_limit_ms = 0;
    CHECK(broker.expect<Refusal>(Broker::batch("q", {"a"}, options)).field == "options.run_limit_ms");
}
