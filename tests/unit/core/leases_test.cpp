#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;
using baton::tests::Delivered;
using baton::tests::lease_of;

namespace {}  // namespace

TEST_CASE("a lease ends at its deadline and not a millisecond before") {
    Broker broker;
    broker.create("work", lease_of(1'000));
    broker.produce("work", {"a"});
    broker.consume("work");
    const Delivered first = broker.take_one();
    CHECK(first.lease_ms == 1'000);
    broker.advance(999);
    CHECK(broker.take().empty());
    broker.advance(1);
    const Delivered again = broker.take_one();
    CHECK(again.counters.deliveries == 2);
    CHECK(again.cause == Cause::lease_expired);
}

TEST_CASE("the lease of a message goes before that of its consumer and of its queue") {
    Broker broker;
    broker.create("work", lease_of(60'000));
    EntryOptions own;
    own.lease_ms = 2'000;
    broker.produce("work", {"short"}, own);
    broker.produce("work", {"usual"});
    broker.consume("work");
    const auto both = broker.take();
    REQUIRE(both.size() == 2);
    CHECK(both[0].lease_ms == 2'000);
    CHECK(both[1].lease_ms == 60'000);
    broker.advance(2'000);
    CHECK(broker.take_one().payload == "short");
}

TEST_CASE("after its lease a message is still acked while nobody else has it") {
    Broker broker;
    broker.create("work", lease_of(1'000));
    broker.produce("work", {"a"});
    broker.consume("work", 0);
    const Delivered held = broker.fetch(1).at(0);
    broker.advance(5'000);
    CHECK(broker.show("work").waiting == 1);
    // The work is done; every other late word is refused.
    CHECK(broker.settle_refused(held, Extend{1'000}) == RefusalCode::lease_expired);
    CHECK(broker.settle_refused(held, Release{}) == RefusalCode::lease_expired);
    broker.ack(held);
    CHECK(broker.show("work").waiting == 0);
    CHECK(broker.show("work").totals.acked == 1);
}

TEST_CASE("after its lease a message that another consumer has is fenced off") {
    Broker broker;
    broker.create("work", lease_of(1'000));
    broker.produce("work", {"a"});
    broker.consume("work", 0);
    const Delivered old = broker.fetch(1).at(0);
    broker.advance(1'000);
    const Delivered fresh = broker.fetch(1).at(0);
    CHECK(fresh.token.batch > old.token.batch);
    CHECK(broker.settle_refused(old, Ack{}) == RefusalCode::lease_superseded);
    CHECK(broker.show("work").leased == 1);
    broker.ack(fresh);
    CHECK(broker.settle_refused(old, Ack{}) == RefusalCode::message_gone);
}

TEST_CASE("a lease loss is counted for started work only") {
    Broker broker;
    broker.create("work", lease_of(1'000));
    broker.produce("work", {"begun", "not begun"});
    broker.consume("work");
    const auto all = broker.take();
    REQUIRE(all.size() == 2);
    broker.settle_ok(all[0], Started{});
    broker.advance(1'000);
    const auto again = broker.take();
    REQUIRE(again.size() == 2);
    CHECK(again[0].counters == Counters{2, 0, 1});
    CHECK(again[1].counters == Counters{2, 0, 0});
}

TEST_CASE("too many lease losses put a message into the failed set, at the cap and not after it") {
    Broker broker;
    QueueSettingsChange settings = lease_of(1'000);
    settings.max_lease_losses = 3;
    broker.create("work", settings);
    broker.produce("work", {"poison"});
    broker.consume("work");
    for (int loss = 0; loss < 3; ++loss) {
        CHECK(broker.show("work").failed == 0);
        broker.settle_ok(broker.take_one(), Started{});
        broker.advance(1'000);
    }
    CHECK(broker.take().empty());
    const auto failed = broker.peek("work", MessageState::failed).messages;
    REQUIRE(failed.size() == 1);
    CHECK(failed[0].reason == EndReason::lease_losses_exhausted);
    CHECK(failed[0].counters == Counters{3, 0, 3});
    CHECK(failed[0].attempts.size() == 3);
}

TEST_CASE("deliveries have a cap of their own when one is set") {
    Broker broker;
    QueueSettingsChange settings = lease_of(1'000);
    settings.max_deliveries = 2;
    broker.create("work", settings);
    broker.produce("work", {"a"});
    broker.consume("work");
    broker.take_one();
    broker.advance(1'000);
    CHECK(broker.take_one().counters.deliveries == 2);
    broker.advance(1'000);
    CHECK(broker.take().empty());
    const auto failed = broker.peek("work", MessageState::failed).messages;
    REQUIRE(failed.size() == 1);
    CHECK(failed[0].reason == EndReason::deliveries_exhausted);
}
