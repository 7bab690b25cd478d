#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;

namespace {

QueueSettingsChange at_most(std::uint64_t messages, Overflow policy) {
    QueueSettingsChange change;
    change.max_messages = messages;
    change.overflow = policy;
    return change;
}

QueueSettingsChange blocking(std::uint64_t messages, DurationMs timeout_ms = 10'000) {
    QueueSettingsChange change = at_most(messages, Overflow::block);
    change.block_timeout_ms = timeout_ms;
    return change;
}

/// The reply to a request that was told before, which must have come.
template <typename T>
T answered(const Broker& broker, std::uint64_t id) {
    const ReplyBody* reply = broker.reply_to(id);
    REQUIRE(reply != nullptr);
    REQUIRE(std::holds_alternative<T>(*reply));
    return std::get<T>(*reply);
}

}  // namespace

TEST_CASE("the oldest of a full queue go to its dead-letter queue with the reason and their history") {
    Broker broker;
    broker.create("dead");
    QueueSettingsChange settings = at_most(2, Overflow::dead_letter_oldest);
    settings.dead_letter_queue = "dead";
    broker.create("mail", settings);
    broker.consume("mail", 1);
    broker.produce("mail", {"one"});
    const auto held = broker.take_one();
    broker.expect<Done>(SetCredit{ConsumerId{1}, 0, 0});
    broker.settle_ok(held, Release{});
    broker.produce("mail", {"two"});

    broker.produce("mail", {"three"});

    REQUIRE(broker.show("mail").waiting == 2);
    REQUIRE(broker.show("mail").totals.dead_lettered == 1);
    REQUIRE(broker.show("mail").totals.dropped == 0);
    broker.consume("dead", 10, 2);
    const auto moved = broker.take_one();
    REQUIRE(moved.payload == "one");
    REQUIRE(moved.origin);
    REQUIRE(moved.origin->reason == EndReason::overflow);
    REQUIRE(moved.origin->counters.deliveries == 1);
}

TEST_CASE("to dead-letter its oldest a queue needs somewhere to put them") {
    Broker broker;
    const auto refusal =
        broker.expect<Refusal>(CreateQueue{"mail", Profile::message, at_most(2, Overflow::dead_letter_oldest), false});
    REQUIRE(refusal.code == RefusalCode::invalid_argument);
    REQUIRE(refusal.field == "settings.overflow");
}

TEST_CASE("blocked produces are stored in order as room appears, and producers are told") {
    Broker broker;
    broker.create("mail", blocking(2));
    broker.produce("mail", {"one", "two"});
    const auto three = broker.tell(Broker::batch("mail", {"three"}));
    const auto four = broker.tell(Broker::batch("mail", {"four"}));
    REQUIRE(broker.reply_to(three) == nullptr);
    const auto told = broker.take_notices();
    REQUIRE(told.size() == 1);
    REQUIRE(told[0].blocked);
    REQUIRE(told[0].reason.find("mail") != std::string::npos);

    broker.consume("mail", 1);
    broker.ack(broker.take_one());

    REQUIRE(answered<Produced>(broker, three).first == 2);
    REQUIRE(answered<Produced>(broker, four).first == 3);
    REQUIRE(broker.show("mail").waiting == 2);
    const auto untold = broker.take_notices();
    REQUIRE(untold.size() == 1);
    REQUIRE_FALSE(untold[0].blocked);
}

TEST_CASE("a small produce does not overtake a large one that waits") {
    Broker broker;
    broker.create("mail", blocking(3));
    broker.produce("mail", {"one", "two"});
    const auto large = broker.tell(Broker::batch("mail", {"a", "b", "c"}));
    const auto small = broker.tell(Broker::batch("mail", {"d"}));
    REQUIRE(broker.reply_to(small) == nullptr);

    broker.consume("mail", 100);
    REQUIRE(answered<Produced>(broker, large).first == 2);
    REQUIRE(answered<Produced>(broker, small).first == 5);
    REQUIRE(broker.take_payloads() == std::vector<std::string>{"one", "two", "a", "b", "c", "d"});
}

TEST_CASE("a blocked produce is refused when its time is over, and stores nothing") {
    Broker broker;
    broker.create("mail", blocking(1, 3'000));
    broker.produce("mail", {"one"});
    const auto late = broker.tell(Broker::batch("mail", {"two"}));
    broker.advance(2'999);
    REQUIRE(broker.reply_to(late) == nullptr);

    broker.advance(1);

    const auto refusal = answered<Refusal>(broker, late);
    REQUIRE(refusal.code == RefusalCode::queue_full);
    REQUIRE(refusal.retryable);
    REQUIRE(broker.show("mail").waiting == 1);
    REQUIRE_FALSE(broker.take_notices().back().blocked);
}

TEST_CASE("what can never fit does not wait") {
    Broker broker;
    broker.create("mail", blocking(2));
    REQUIRE(broker.refusal(Broker::batch("mail", {"a", "b", "c"})) == RefusalCode::queue_full);
}

TEST_CASE("a repeat of a blocked produce stores it once") {
    Broker broker;
    broker.create("mail", blocking(1));
    broker.produce("mail", {"one"});
    Produce produce = Broker::batch("mail", {"two"});
    produce.producer = 9;
    produce.producer_created_at = broker.now();
    produce.sequence = 1;
    const auto first = broker.tell(produce);
    const auto again = broker.tell(produce);

    broker.consume("mail");

    REQUIRE_FALSE(answered<Produced>(broker, first).duplicate);
    REQUIRE(answered<Produced>(broker, again).duplicate);
    REQUIRE(broker.take_payloads() == std::vector<std::string>{"one", "two"});
}

TEST_CASE("a lost connection takes its blocked produces along, and others go on") {
    Broker broker;
    broker.create("mail", blocking(1));
    broker.produce("mail", {"one"});
    broker.connect(2);
    broker.tell(Broker::batch("mail", {"lost"}));
    broker.use(1);
    const auto kept = broker.tell(Broker::batch("mail", {"kept"}));
    broker.lose(2);
    broker.use(1);

    broker.consume("mail");

    REQUIRE(answered<Produced>(broker, kept).first == 1);
    REQUIRE(broker.take_payloads() == std::vector<std::string>{"one", "kept"});
}

TEST_CASE("more room, another policy or the end of the queue decide about what waits") {
    Broker broker;
    broker.create("mail", blocking(1));
    broker.produce("mail", {"one"});
    const auto two = broker.tell(Broker::batch("mail", {"two"}));
    const auto three = broker.tell(Broker::batch("mail", {"three"}));
    const auto four = broker.tell(Broker::batch("mail", {"four"}));
    QueueSettingsChange roomy;
    roomy.max_messages = 2;
    broker.update("mail", roomy);
    REQUIRE(answered<Produced>(broker, two).first == 1);

    QueueSettingsChange drops;
    drops.overflow = Overflow::drop_oldest;
    broker.update("mail", drops);
    REQUIRE(answered<Produced>(broker, three).count == 1);
    REQUIRE(answered<Produced>(broker, four).count == 1);
    REQUIRE(broker.show("mail").totals.dropped == 2);

    QueueSettingsChange blocks;
    blocks.overflow = Overflow::block;
    broker.update("mail", blocks);
    const auto five = broker.tell(Broker::batch("mail", {"five"}));
    broker.expect<Done>(DeleteQueue{"mail"});
    REQUIRE(answered<Refusal>(broker, five).code == RefusalCode::queue_not_found);
}

TEST_CASE("a produce that needs more room than when it was blocked is decided in its turn") {
    Broker broker;
    QueueSettingsChange settings = blocking(2);
    settings.max_message_bytes = 20;
    broker.create("mail", settings);
    broker.produce("mail", {"one", "two"});
    Produce produce = Broker::batch("mail", {"small", std::string(50, 'x')});
    produce.per_item = true;
    const auto waiting = broker.tell(produce);
    QueueSettingsChange larger;
    larger.max_message_bytes = 100;
    broker.update("mail", larger);
    REQUIRE(broker.reply_to(waiting) == nullptr);

    broker.consume("mail", 1);

    // There is room for one, as was asked for; the other is valid by now, and finds the queue full.
    const auto produced = answered<Produced>(broker, waiting);
    REQUIRE(produced.count == 1);
    REQUIRE(produced.refused.size() == 1);
    REQUIRE(produced.refused[0].second.code == RefusalCode::queue_full);
}

TEST_CASE("the time that a produce may wait is bounded") {
    Broker broker;
    for (const DurationMs timeout : {DurationMs{0}, limits::block_timeout_ms_max + 1}) {
        const auto refusal = broker.expect<Refusal>(CreateQueue{"mail", Profile::message, blocking(1, timeout), false});
        REQUIRE(refusal.field == "settings.block_timeout_ms");
    }
}
