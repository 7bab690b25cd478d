#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;
using baton::tests::Delivered;

namespace {

/// A queue `work` with two messages, held by consumer 1 of connection 1.
std::vector<Delivered> hold_two(Broker& broker) {
    broker.create("work");
    broker.produce("work", {"a", "b"});
    broker.consume("work");
    auto all = broker.take();
    REQUIRE(all.size() == 2);
    return all;
}

OpenConsumer redeclared(std::vector<BatchNumber> held) {
    OpenConsumer open;
    open.consumer = ConsumerId{1};
    open.queue = "work";
    open.credit_messages = 100;
    open.redeclared = true;
    open.held_batches = std::move(held);
    return open;
}

}  // namespace

TEST_CASE("a lost connection keeps its leases for the grace, then they are given back") {
    Broker broker;
    hold_two(broker);
    broker.lose(1);
    broker.connect(2);
    broker.consume("work");
    broker.advance(4'999);
    CHECK(broker.take().empty());
    CHECK(broker.show("work").leased == 2);
    broker.advance(1);
    const auto again = broker.take();
    REQUIRE(again.size() == 2);
    CHECK(again[0].connection == 2);
    CHECK(again[0].cause == Cause::consumer_lost);
    // Nobody said that work had begun.
    CHECK(again[0].counters == Counters{2, 0, 0});
}

TEST_CASE("a resumed session has its leases again, and what never arrived goes back at once") {
    Broker broker;
    const auto held = hold_two(broker);
    broker.produce("work", {"c"});
    const Delivered lost_on_the_way = broker.take_one();
    broker.lose(1);
    REQUIRE(broker.connect(2, 5'000, 1'001).resumed);
    broker.expect<Done>(redeclared({held[0].token.batch}));
    const Delivered again = broker.take_one();
    CHECK(again.payload == "c");
    CHECK(again.token.batch != lost_on_the_way.token.batch);
    CHECK(again.counters.lease_losses == 0);
    broker.advance(10'000);
    CHECK(broker.take().empty());
    broker.ack(held[0]);
    broker.ack(held[1]);
    CHECK(broker.show("work").totals.acked == 2);
}

TEST_CASE("a session that is closed gives everything back at once") {
    Broker broker;
    hold_two(broker);
    broker.tell(CloseSession{});
    broker.connect(2);
    CHECK(broker.show("work").waiting == 2);
    CHECK(broker.show("work").consumers == 0);
}

TEST_CASE("a session without grace ends with its connection") {
    Broker broker;
    broker.connect(2, 0);
    broker.create("work");
    broker.produce("work", {"a"});
    broker.consume("work");
    REQUIRE(broker.take().size() == 1);
    broker.lose(2);
    broker.use(1);
    CHECK(broker.show("work").waiting == 1);
    CHECK_FALSE(broker.connect(3, 5'000, 1'002).resumed);
}

TEST_CASE("a consumer of a session is declared once") {
    Broker broker;
    broker.create("work");
    broker.consume("work", 0, 1);
    OpenConsumer again;
    again.consumer = ConsumerId{1};
    again.queue = "work";
    CHECK(broker.refusal(again) == RefusalCode::consumer_exists);
    again.consumer = ConsumerId{2};
    again.queue = "nowhere";
    CHECK(broker.refusal(again) == RefusalCode::queue_not_found);
    CHECK(broker.refusal(CloseConsumer{ConsumerId{9}}) == RefusalCode::consumer_not_found);
    CHECK(broker.refusal(broker.fetch_of(1, 0, 9)) == RefusalCode::consumer_not_found);
}

TEST_CASE("the consumers of a deleted queue are closed and told why") {
    Broker broker;
    const auto held = hold_two(broker);
    broker.expect<Done>(DeleteQueue{"work"});
    const auto closed = broker.take_closed();
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].consumer == ConsumerId{1});
    CHECK_FALSE(closed[0].reason.empty());
    CHECK(broker.settle_refused(held[0], Ack{}) == RefusalCode::queue_deleted);
}
