// A subscription that goes on elsewhere.
#include "tests/unit/core/topic_builder.hpp"

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::create_topic;
using tests::Delivered;
using tests::done_from;
using tests::payloads_from;
using tests::subscribe;

namespace {

using Sought = std::vector<std::string>;

SeekSubscription seek_to(StartAt start, bool dry_run = false) {
    SeekSubscription seek;
    seek.topic = "orders";
    seek.name = "mail";
    seek.start = start;
    seek.dry_run = dry_run;
    return seek;
}

/// Five messages, of which the subscription has acked two.
void five(Broker& broker) {
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1);
    broker.produce("orders", {"a", "b", "c", "d", "e"});
    done_from(broker, 1, 2);
}

}  // namespace

TEST_CASE("a subscription goes back and forth, and says before how many messages that is") {
    Broker broker;
    five(broker);
    CHECK(broker.expect<Counted>(seek_to(StartBeginning{}, true)).messages == 2);
    CHECK(broker.expect<Counted>(seek_to(StartOffset{4}, true)).messages == 2);
    CHECK(broker.show("orders/mail").waiting == 3);
    const std::uint64_t bytes = broker.show("orders/mail").live_bytes;
    CHECK(broker.expect<Counted>(seek_to(StartBeginning{})).messages == 2);
    CHECK(broker.show("orders/mail").waiting == 5);
    CHECK(broker.show("orders/mail").live_bytes == broker.show("orders").live_bytes);
    CHECK(payloads_from(broker, 1, 3) == Sought{"a", "b", "c"});
    CHECK(broker.expect<Counted>(seek_to(StartOffset{2})).messages == 2);
    CHECK(broker.show("orders/mail").live_bytes == bytes);
    CHECK(broker.expect<Counted>(seek_to(StartNow{})).messages == 3);
    CHECK(broker.show("orders/mail").live_bytes == 0);
    CHECK(payloads_from(broker, 1).empty());
    broker.produce("orders", {"f"});
    CHECK(done_from(broker, 1) == Sought{"f"});
    broker.restart();
    CHECK(broker.show("orders/mail").waiting == 0);
    CHECK(broker.show("orders/mail").totals.purged == 0);
}

TEST_CASE("tokens from before a seek hold nothing, also after a restart") {
    for (const bool restart : {false, true}) {
        Broker broker;
        five(broker);
        const auto held = broker.fetch(2, 1);
        broker.fail(held[1]);
        broker.expect<Counted>(seek_to(StartBeginning{}));
        CHECK(broker.take_revoked().size() == 1);
        CHECK(broker.show("orders/mail").delayed == 0);
        CHECK(broker.show("orders/mail").leased == 0);
        const auto again = broker.fetch(3, 1);
        REQUIRE(again.size() == 3);
        CHECK(again[2].payload == "c");
        CHECK(again[2].counters.deliveries == 1);
        if (restart) {
            broker.restart();
            broker.connect(2);
        }
        broker.settle_refused(held[0], Ack{});
        if (restart) {
            broker.advance(60'000);  // The hold for tokens from before it ends, and what it held waits again.
            broker.settle_refused(held[0], Ack{});
            CHECK(broker.show("orders/mail").waiting == 5);
            continue;
        }
        broker.settle_ok(again[2], Ack{});
        CHECK(broker.show("orders/mail").waiting + broker.show("orders/mail").leased == 4);
    }
}

TEST_CASE("failed messages stand in the way of a seek back, unless they are dropped") {
    Broker broker;
    five(broker);
    const Delivered held = broker.fetch(1, 1).at(0);
    Fail failure;
    failure.terminal = true;
    broker.settle_ok(held, failure);
    CHECK(broker.refusal(seek_to(StartBeginning{})) == RefusalCode::messages_failed);
    CHECK(broker.expect<Counted>(seek_to(StartOffset{4})).messages == 1);
    CHECK(broker.show("orders/mail").failed == 1);
    SeekSubscription seek = seek_to(StartBeginning{});
    seek.drop_failed = true;
    CHECK(broker.expect<Counted>(seek).messages == 4);
    CHECK(broker.show("orders/mail").failed == 0);
    CHECK(done_from(broker, 1) == Sought{"a", "b", "c", "d", "e"});
}

TEST_CASE("a subscription goes on at a time") {
    Broker broker;
    create_topic(broker, "orders");
    subscribe(broker, "orders", "mail", 1);
    std::vector<TimeMs> times;
    for (const char* text : {"a", "b", "c"}) {
        times.push_back(broker.now());
        broker.produce("orders", {text});
        broker.advance(1'000);
    }
    done_from(broker, 1);
    CHECK(broker.expect<Counted>(seek_to(StartTime{times[1]})).messages == 2);
    CHECK(payloads_from(broker, 1) == Sought{"b", "c"});
    broker.expect<Counted>(seek_to(StartTime{times[2] + 1}));
    CHECK(payloads_from(broker, 1).empty());
}
