// What a lost holder had begun is delivered alone, one message a consumer, until it is acked or fails.
#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;
using baton::tests::Delivered;

namespace {

/// Delivers all messages of "q" together, reports the first `begun` as started, and loses their consumer.
void lose_batch(Broker& broker, std::uint32_t begun) {
    broker.consume("q", 10, 1);
    const auto held = broker.take();
    for (std::uint32_t i = 0; i < begun; ++i) {
        broker.settle_ok(held.at(i), Started{});
    }
    broker.expect<Done>(CloseConsumer{ConsumerId{1}});
}

EntryOptions lane_or_plain(int lane) {
    EntryOptions options;
    if (lane == 1) {
        options.priority = 4;
    } else if (lane == 2) {
        options.delay_ms = 5;
    }
    return options;
}

}  // namespace

TEST_CASE("messages of a lost batch come one at a time, what was not begun comes together") {
    const int lane = GENERATE(0, 1, 2);
    Broker broker;
    broker.create("q");
    broker.produce("q", {"a", "b", "c", "d"}, lane_or_plain(lane));
    broker.advance(5);
    lose_batch(broker, 2);
    const bool restart = GENERATE(false, true);
    if (restart) {
        broker.restart();
        broker.connect(2);
        broker.advance(limits::restart_grace_ms);
    }
    CHECK(broker.peek("q", lane == 1 ? MessageState::prioritized : MessageState::waiting).messages.at(0).isolated);
    broker.consume("q", 10, 2);
    const Delivered first = broker.take_one();
    CHECK(first.payload == "a");
    CHECK(first.counters.lease_losses == 1);
    broker.take_frames();
    broker.ack(first);
    const auto frames = broker.take_frames();
    REQUIRE(frames.size() == 2);
    CHECK(frames[0].details.size() == 1);
    const auto rest = broker.take();
    REQUIRE(rest.size() == 3);
    CHECK(rest[0].payload == "b");
    CHECK(rest[1].token.batch != rest[0].token.batch);
    CHECK(rest[1].token.batch == rest[2].token.batch);
    broker.fail(rest[0]);
    broker.advance(2'000);
    CHECK(broker.take_one().payload == "b");
}

TEST_CASE("a failure ends it, a release does not") {
    Broker broker;
    QueueSettingsChange settings;
    settings.backoff = Backoff{Backoff::Kind::fixed, 10, 10, 0, {}};
    broker.create("q", settings);
    broker.produce("q", {"a", "b"});
    lose_batch(broker, 2);
    broker.consume("q", 10, 2);
    broker.settle_ok(broker.take_one(), Release{GENERATE(0, 20)});
    broker.advance(20);
    // Whichever comes is alone, and both still are.
    const Delivered one = broker.take_one();
    broker.fail(one);
    const Delivered other = broker.take_one();
    broker.fail(other);
    broker.advance(10);
    CHECK(broker.take().size() == 2);
}

TEST_CASE("each consumer gets one of them at a time") {
    Broker broker;
    broker.create("q");
    broker.produce("q", {"a", "b", "c"});
    lose_batch(broker, 3);
    broker.consume("q", 10, 2);
    broker.consume("q", 10, 3);
    const auto held = broker.take();
    REQUIRE(held.size() == 2);
    CHECK(held[0].consumer != held[1].consumer);
    broker.ack(held[1]);
    CHECK(broker.take_one().consumer == held[1].consumer);
}

TEST_CASE("a consumer that holds one after a restart gets no second one") {
    Broker broker;
    broker.create("q");
    broker.produce("q", {"a", "b"}, lane_or_plain(GENERATE(0, 1)));
    lose_batch(broker, 2);
    broker.consume("q", 10, 2);
    const Delivered held = broker.take_one();
    broker.advance(limits::lease_record_after_ms);
    broker.restart();
    broker.connect(2, 5'000, 1'001);
    OpenConsumer open;
    open.consumer = ConsumerId{2};
    open.queue = "q";
    open.credit_messages = 10;
    open.redeclared = true;
    open.held_batches = {held.token.batch};
    broker.expect<Done>(open);
    broker.advance(limits::restart_grace_ms);
    CHECK(broker.take().empty());
    broker.ack(held);
    CHECK(broker.take_one().payload == "b");
}

TEST_CASE("one that kills its workers reaches its cap alone") {
    Broker broker;
    QueueSettingsChange settings;
    settings.max_lease_losses = 3;
    settings.lease_ms = 1'000;
    broker.create("q", settings);
    broker.produce("q", {"good", "poison", "fine"});
    broker.consume("q", 10);
    for (int crash = 0; crash < 6; ++crash) {
        for (auto taken = broker.take(); !taken.empty(); taken = broker.take()) {
            for (const Delivered& one : taken) {
                if (one.payload == "poison" || crash == 0) {
                    broker.settle_ok(one, Started{});
                } else {
                    broker.ack(one);
                }
            }
        }
        broker.advance(1'000);
    }
    const QueueInfo info = broker.show("q");
    CHECK(info.totals.acked == 2);
    CHECK(info.failed == 1);
    const auto failed = broker.expect<MessageList>(ShowFailed{"q", 1}).messages.at(0);
    CHECK(failed.reason == EndReason::lease_losses_exhausted);
    CHECK(failed.counters.lease_losses == 3);
}
