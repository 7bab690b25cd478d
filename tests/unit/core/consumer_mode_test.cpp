// Who of the consumers gets messages: one alone, or one at a time.
#include "tests/unit/core/broker.hpp"

#include <string>
#include <vector>

using namespace baton;
using namespace baton::core;
using tests::Broker;
using tests::Delivered;

namespace {

using Texts = std::vector<std::string>;

QueueSettingsChange with_mode(ConsumerMode mode) {
    QueueSettingsChange settings;
    settings.consumer_mode = mode;
    return settings;
}

void open(Broker& broker, std::uint64_t consumer, std::uint32_t priority, std::uint32_t credit = 100) {
    OpenConsumer open;
    open.consumer = ConsumerId{consumer};
    open.queue = "q";
    open.credit_messages = credit;
    open.priority = priority;
    broker.expect<Done>(open);
}

/// Consumer and payload of what came.
Texts came(Broker& broker, std::vector<Delivered>* held = nullptr) {
    Texts texts;
    for (const Delivered& one : broker.take()) {
        texts.push_back(std::to_string(one.consumer) + ":" + one.payload);
        if (held != nullptr) {
            held->push_back(one);
        }
    }
    return texts;
}

}  // namespace

TEST_CASE("a queue for one consumer refuses another, until the one is gone") {
    Broker broker;
    broker.create("q", with_mode(ConsumerMode::exclusive));
    broker.consume("q", 10, 1);
    OpenConsumer second;
    second.consumer = ConsumerId{2};
    second.queue = "q";
    CHECK(broker.refusal(second) == RefusalCode::consumer_exists);
    broker.expect<Done>(CloseConsumer{ConsumerId{1}});
    broker.expect<Done>(second);
    CHECK(broker.show("q").settings.consumer_mode == ConsumerMode::exclusive);
    broker.restart();
    CHECK(broker.show("q").settings.consumer_mode == ConsumerMode::exclusive);
}

TEST_CASE("with failover one gets everything, and the next when nothing is in flight any more") {
    Broker broker;
    broker.create("q", with_mode(ConsumerMode::failover));
    open(broker, 1, 0);
    open(broker, 2, 0);
    broker.produce("q", {"a", "b", "c"});
    std::vector<Delivered> held;
    CHECK(came(broker, &held) == Texts{"1:a", "1:b", "1:c"});
    broker.ack(held[0]);
    broker.expect<Done>(CloseConsumer{ConsumerId{1}});
    // What it held has come back to its place.
    CHECK(came(broker) == Texts{"2:b", "2:c"});
}

TEST_CASE("a consumer of higher priority takes over once what was delivered is settled") {
    Broker broker;
    broker.create("q", with_mode(ConsumerMode::failover));
    open(broker, 1, 0, 2);
    broker.produce("q", {"a", "b", "c", "d"});
    std::vector<Delivered> held;
    CHECK(came(broker, &held) == Texts{"1:a", "1:b"});
    open(broker, 2, 5);
    broker.ack(held[0]);
    CHECK(came(broker).empty());
    broker.ack(held[1]);
    CHECK(came(broker) == Texts{"2:c", "2:d"});
}

TEST_CASE("one that is away holds its place up for its grace, and then the next goes on in order") {
    Broker broker;
    broker.create("q", with_mode(ConsumerMode::failover));
    open(broker, 1, 0);
    broker.produce("q", {"a", "b"});
    CHECK(came(broker) == Texts{"1:a", "1:b"});
    broker.connect(2);
    open(broker, 2, 0);
    broker.lose(1);
    broker.use(2);
    broker.produce("q", {"c"});
    CHECK(came(broker).empty());
    broker.advance(5'000);
    CHECK(came(broker) == Texts{"2:a", "2:b", "2:c"});
}

TEST_CASE("one that held nothing is replaced at once") {
    Broker broker;
    broker.create("q", with_mode(ConsumerMode::failover));
    open(broker, 1, 0);
    broker.connect(2);
    open(broker, 2, 0);
    broker.lose(1);
    broker.use(2);
    broker.produce("q", {"a"});
    CHECK(came(broker) == Texts{"2:a"});
}
