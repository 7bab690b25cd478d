#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;

namespace {

Produce numbered(const std::string& queue, std::uint64_t sequence, const std::vector<std::string>& payloads,
                 std::uint64_t acked_through = 0) {
    Produce produce = Broker::batch(queue, payloads);
    produce.producer = 77;
    produce.producer_created_at = 1'700'000'000'000;
    produce.sequence = sequence;
    produce.acked_through = acked_through;
    return produce;
}

}  // namespace

TEST_CASE("a batch gets adjacent offsets and comes out in order") {
    Broker broker;
    broker.create("mail");

    const Produced produced = broker.produce("mail", {"one", "two", "three"});
    REQUIRE(produced.first == 0);
    REQUIRE(produced.count == 3);
    REQUIRE(broker.produce("mail", {"four"}).first == 3);

    broker.consume("mail");
    REQUIRE(broker.take_payloads() == std::vector<std::string>{"one", "two", "three", "four"});
}

TEST_CASE("an atomic batch with one message too large stores none") {
    Broker broker;
    QueueSettingsChange small;
    small.max_message_bytes = 20;
    broker.create("mail", small);

    REQUIRE(broker.refusal(Broker::batch("mail", {"ok", std::string(50, 'x')})) == RefusalCode::message_too_large);
    REQUIRE(broker.show("mail").waiting == 0);
}

TEST_CASE("in per-item mode the good ones are stored and the others are answered by index") {
    Broker broker;
    QueueSettingsChange small;
    small.max_message_bytes = 20;
    broker.create("mail", small);
    Produce produce = Broker::batch("mail", {"one", std::string(50, 'x'), "two"});
    produce.per_item = true;

    const auto produced = broker.expect<Produced>(produce);

    REQUIRE(produced.count == 2);
    REQUIRE(produced.refused.size() == 1);
    REQUIRE(produced.refused[0].first == 1);
    REQUIRE(produced.refused[0].second.code == RefusalCode::message_too_large);
    broker.consume("mail");
    REQUIRE(broker.take_payloads() == std::vector<std::string>{"one", "two"});
}

TEST_CASE("a full queue refuses, and takes again when there is room") {
    Broker broker;
    QueueSettingsChange two;
    two.max_messages = 2;
    broker.create("mail", two);
    broker.produce("mail", {"one", "two"});

    const auto refusal = broker.expect<Refusal>(Broker::batch("mail", {"three"}));
    REQUIRE(refusal.code == RefusalCode::queue_full);
    REQUIRE(refusal.retryable);

    broker.consume("mail", 1);
    broker.ack(broker.take_one());
    broker.produce("mail", {"three"});
}

TEST_CASE("per-item mode on a nearly full queue takes the first that fit") {
    Broker broker;
    QueueSettingsChange two;
    two.max_messages = 2;
    broker.create("mail", two);
    broker.produce("mail", {"one"});
    Produce produce = Broker::batch("mail", {"two", "three"});
    produce.per_item = true;

    const auto produced = broker.expect<Produced>(produce);

    REQUIRE(produced.count == 1);
    REQUIRE(produced.refused.size() == 1);
    REQUIRE(produced.refused[0].second.code == RefusalCode::queue_full);
}

TEST_CASE("drop-oldest makes room by dropping what waits longest, and counts it") {
    Broker broker;
    QueueSettingsChange two;
    two.max_messages = 2;
    two.overflow = Overflow::drop_oldest;
    broker.create("mail", two);

    broker.produce("mail", {"one", "two"});
    broker.produce("mail", {"three"});

    REQUIRE(broker.show("mail").totals.dropped == 1);
    broker.consume("mail");
    REQUIRE(broker.take_payloads() == std::vector<std::string>{"two", "three"});
}

TEST_CASE("drop-oldest never takes a leased or a delayed message") {
    Broker broker;
    QueueSettingsChange two;
    two.max_messages = 2;
    two.overflow = Overflow::drop_oldest;
    broker.create("mail", two);
    broker.consume("mail", 1);
    broker.produce("mail", {"leased"});
    const auto held = broker.take_one();
    EntryOptions later;
    later.delay_ms = 1'000;
    broker.produce("mail", {"delayed"}, later);

    broker.produce("mail", {"one"});
    broker.produce("mail", {"two"});

    broker.ack(held);
    REQUIRE(broker.take_one().payload == "two");
    REQUIRE(broker.show("mail").delayed == 1);
}

TEST_CASE("a limit in bytes counts the bytes of the entries") {
    Broker broker;
    QueueSettingsChange hundred;
    hundred.max_bytes = 100;
    broker.create("mail", hundred);
    broker.produce("mail", {std::string(80, 'x')});

    REQUIRE(broker.refusal(Broker::batch("mail", {std::string(30, 'y')})) == RefusalCode::queue_full);
}

TEST_CASE("a repeated produce stores nothing twice and answers with the first offsets") {
    Broker broker;
    broker.create("mail");
    broker.produce("mail", {"before"});
    const auto first = broker.expect<Produced>(numbered("mail", 1, {"one", "two"}));

    const auto again = broker.expect<Produced>(numbered("mail", 1, {"one", "two"}));

    REQUIRE_FALSE(first.duplicate);
    REQUIRE(again.duplicate);
    REQUIRE(again.first == first.first);
    REQUIRE(again.count == 2);
    REQUIRE(broker.show("mail").totals.produced == 3);
}

TEST_CASE("a repeated produce stores nothing twice across a restart") {
    Broker broker;
    broker.create("mail");
    broker.expect<Produced>(numbered("mail", 1, {"one"}));

    broker.restart();
    broker.connect(2);

    REQUIRE(broker.expect<Produced>(numbered("mail", 1, {"one"})).duplicate);
    REQUIRE(broker.show("mail").waiting == 1);
}

TEST_CASE("a repeated per-item produce is answered as the first one was") {
    Broker broker;
    QueueSettingsChange small;
    small.max_message_bytes = 20;
    broker.create("mail", small);
    Produce produce = numbered("mail", 1, {"one", std::string(50, 'x')});
    produce.per_item = true;
    broker.expect<Produced>(produce);

    const auto again = broker.expect<Produced>(produce);

    REQUIRE(again.duplicate);
    REQUIRE(again.refused.size() == 1);
    REQUIRE(again.refused[0].first == 1);
}

TEST_CASE("a refused produce is not taken for stored when it is repeated") {
    Broker broker;
    QueueSettingsChange one;
    one.max_messages = 1;
    broker.create("mail", one);
    broker.produce("mail", {"first"});
    REQUIRE(broker.refusal(numbered("mail", 1, {"second"})) == RefusalCode::queue_full);
    broker.consume("mail", 1);
    broker.ack(broker.take_one());

    const auto stored = broker.expect<Produced>(numbered("mail", 1, {"second"}));

    REQUIRE_FALSE(stored.duplicate);
    REQUIRE(broker.take_one().payload == "second");
}

TEST_CASE("a sequence that was acknowledged is too old, never stored again") {
    Broker broker;
    broker.create("mail");
    broker.expect<Produced>(numbered("mail", 1, {"one"}));
    broker.expect<Produced>(numbered("mail", 2, {"two"}, 1));

    REQUIRE(broker.refusal(numbered("mail", 1, {"one"}, 1)) == RefusalCode::sequence_too_old);
    REQUIRE(broker.show("mail").totals.produced == 2);
}

TEST_CASE("more than 1,024 open sequences are refused until some are acknowledged") {
    Broker broker;
    broker.create("mail");
    for (std::uint64_t sequence = 1; sequence <= limits::open_sequences_max; ++sequence) {
        broker.expect<Produced>(numbered("mail", sequence, {"x"}));
    }

    REQUIRE(broker.refusal(numbered("mail", 1'025, {"x"})) == RefusalCode::sequence_gap);
    broker.expect<Produced>(numbered("mail", 1'025, {"x"}, 10));
}

TEST_CASE("a producer older than the memory of producers is refused, not taken as new") {
    Broker broker;
    broker.create("mail");
    Produce produce = numbered("mail", 1, {"x"});
    produce.producer_created_at = broker.now() - limits::producer_idle_ms_max - 1;

    REQUIRE(broker.refusal(produce) == RefusalCode::producer_too_old);
}

TEST_CASE("the memory of a lone producer costs no record of its own, and outlives restarts") {
    Broker broker;
    broker.create("mail");
    for (std::uint64_t sequence = 1; sequence <= 20; ++sequence) {
        broker.expect<Produced>(numbered("mail", sequence, {"x"}, sequence - 1));
    }
    CHECK(broker.driver().store().tables().producers.empty());
    broker.restart();
    broker.connect(2);
    REQUIRE(broker.expect<Produced>(numbered("mail", 20, {"x"}, 19)).duplicate);
    REQUIRE(broker.refusal(numbered("mail", 19, {"x"}, 19)) == RefusalCode::sequence_too_old);
}

TEST_CASE("the memory of producers moves to records of its own when it grows, and is forgotten nowhere") {
    Broker broker;
    broker.create("mail");
    for (std::uint64_t producer = 1; producer <= 3; ++producer) {
        Produce produce = numbered("mail", 1, {"x"});
        produce.producer = producer;
        broker.expect<Produced>(produce);
    }
    CHECK(broker.driver().store().tables().producers.size() == 3);
    CHECK(broker.driver().store().tables().states.begin()->second.producers.empty());
    broker.restart();
    broker.connect(2);
    for (std::uint64_t producer = 1; producer <= 3; ++producer) {
        Produce produce = numbered("mail", 1, {"x"});
        produce.producer = producer;
        REQUIRE(broker.expect<Produced>(produce).duplicate);
        produce.sequence = 2;
        REQUIRE_FALSE(broker.expect<Produced>(produce).duplicate);
    }
}

TEST_CASE("many open sequences of one producer get a record of their own") {
    Broker broker;
    broker.create("mail");
    for (std::uint64_t sequence = 1; sequence <= 10; ++sequence) {
        broker.expect<Produced>(numbered("mail", sequence, {"x"}));
    }
    CHECK(broker.driver().store().tables().producers.size() == 1);
    broker.restart();
    broker.connect(2);
    for (std::uint64_t sequence = 1; sequence <= 10; ++sequence) {
        REQUIRE(broker.expect<Produced>(numbered("mail", sequence, {"x"})).duplicate);
    }
}

TEST_CASE("an idle producer is dropped from the queue's state as from a record") {
    Broker broker;
    broker.create("mail");
    broker.expect<Produced>(numbered("mail", 1, {"x"}));
    REQUIRE(broker.driver().store().tables().states.begin()->second.producers.size() == 1);
    broker.advance(limits::producer_idle_ms_max + 2 * 3'600'000);
    EntryOptions soon;
    soon.delay_ms = 1;
    broker.produce("mail", {"what makes the timers run"}, soon);
    broker.advance(1);
    CHECK(broker.driver().store().tables().states.begin()->second.producers.empty());
}

TEST_CASE("options out of their bounds are refused") {
    Broker broker;
    broker.create("mail");
    EntryOptions both;
    both.delay_ms = 5;
    both.due_at = broker.now();
    REQUIRE(broker.refusal(Broker::batch("mail", {"x"}, both)) == RefusalCode::invalid_argument);
    EntryOptions late;
    late.delay_ms = limits::ten_years_ms + 1;
    REQUIRE(broker.refusal(Broker::batch("mail", {"x"}, late)) == RefusalCode::invalid_argument);
    EntryOptions brief;
    brief.lease_ms = 10;
    REQUIRE(broker.refusal(Broker::batch("mail", {"x"}, brief)) == RefusalCode::invalid_argument);
}

TEST_CASE("while the disk is nearly full produces are refused and acks are taken") {
    Broker broker;
    broker.create("mail");
    broker.produce("mail", {"one"});
    broker.consume("mail");
    const auto held = broker.take_one();
    broker.driver().core().set_storage_full(true);

    REQUIRE(broker.refusal(Broker::batch("mail", {"two"})) == RefusalCode::storage_full);
    broker.ack(held);

    broker.driver().core().set_storage_full(false);
    broker.produce("mail", {"two"});
}
