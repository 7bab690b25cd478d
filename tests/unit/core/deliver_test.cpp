#include "tests/unit/core/broker.hpp"

#include <map>

using namespace baton::core;
using baton::tests::Broker;
using baton::tests::Delivered;

namespace {

std::vector<std::string> numbers(int count) {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) {
        all.push_back(std::to_string(i));
    }
    return all;
}

}  // namespace

TEST_CASE("credit is what may be delivered and unsettled; settling frees it") {
    Broker broker;
    broker.create("work");
    broker.produce("work", numbers(10));
    broker.consume("work", 3);
    const auto held = broker.take();
    CHECK(held.size() == 3);
    broker.advance(1'000);
    CHECK(broker.take().empty());
    broker.ack(held[0]);
    broker.ack(held[1]);
    CHECK(broker.take_payloads() == std::vector<std::string>{"3", "4"});
    broker.expect<Done>(SetCredit{ConsumerId{1}, 5, 0});
    CHECK(broker.take_payloads() == std::vector<std::string>{"5", "6"});
}

TEST_CASE("credit in bytes holds too: nothing is delivered once it is used up, and a large message still fits") {
    Broker broker;
    broker.create("work");
    broker.produce("work", {std::string(600, 'a'), std::string(600, 'b'), std::string(5'000, 'c')});
    OpenConsumer open;
    open.consumer = ConsumerId{1};
    open.queue = "work";
    open.credit_messages = 100;
    open.credit_bytes = 1'000;
    broker.expect<Done>(open);
    // The message that uses the credit up is still delivered, so that no size is stuck for ever.
    const auto held = broker.take();
    REQUIRE(held.size() == 2);
    broker.advance(1'000);
    CHECK(broker.take().empty());
    broker.ack(held[0]);
    CHECK(broker.take_one().payload == std::string(5'000, 'c'));
    broker.ack(held[1]);
    CHECK(broker.take().empty());
}

TEST_CASE("a fetch takes what is there, or waits, or comes back empty") {
    Broker broker;
    broker.create("work");
    broker.consume("work", 0);
    broker.produce("work", numbers(3));
    CHECK(broker.take().empty());
    CHECK(broker.fetch(2).size() == 2);
    CHECK(broker.fetch(10).size() == 1);
    broker.take_frames();

    broker.tell(broker.fetch_of(1));
    auto frames = broker.take_frames();
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].runs.empty());

    broker.tell(broker.fetch_of(1, 500));
    broker.advance(499);
    CHECK(broker.take_frames().empty());
    broker.advance(1);
    CHECK(broker.take_frames().size() == 1);

    broker.tell(broker.fetch_of(1, 500));
    broker.produce("work", {"in time"});
    CHECK(broker.take_one().payload == "in time");
    broker.advance(1'000);
    CHECK(broker.take_frames().size() == 1);
}

TEST_CASE("a cancelled fetch is answered with nothing") {
    Broker broker;
    broker.create("work");
    broker.consume("work", 0);
    const std::uint64_t id = broker.tell(broker.fetch_of(1, 20'000));
    CHECK(broker.take_frames().empty());
    broker.tell(CancelRequest{RequestId{id}});
    const auto frames = broker.take_frames();
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].runs.empty());
    broker.produce("work", {"a"});
    CHECK(broker.take().empty());
    CHECK(broker.show("work").waiting == 1);
}

TEST_CASE("consumers with the same credit share a queue fairly") {
    Broker broker;
    broker.create("work");
    for (std::uint64_t connection = 1; connection <= 4; ++connection) {
        if (connection > 1) {
            broker.connect(connection);
        }
        broker.use(connection);
        broker.consume("work", 10);
    }
    broker.use(1);
    broker.produce("work", numbers(2'000));
    std::map<std::uint64_t, int> got;
    for (auto all = broker.take(); !all.empty(); all = broker.take()) {
        for (const Delivered& one : all) {
            got[one.connection] += 1;
            broker.use(one.connection);
            broker.ack(one);
        }
    }
    int total = 0;
    for (const auto& [connection, count] : got) {
        CAPTURE(connection);
        CHECK(count > 400);
        total += count;
    }
    CHECK(total == 2'000);
}

TEST_CASE("peek looks and changes nothing, page by page") {
    Broker broker;
    broker.create("work");
    broker.produce("work", numbers(25));
    std::vector<std::string> seen;
    Peek look;
    look.queue = "work";
    look.limit = 10;
    MessageList page;
    do {
        page = broker.expect<MessageList>(look);
        for (const StoredMessage& message : page.messages) {
            seen.push_back(std::string(baton::tests::payload_of(message.body, 0)));
            CHECK(message.counters == Counters{0, 0, 0});
        }
        look.from_at = page.next_at;
        look.from_offset = page.next_offset;
    } while (page.more);
    CHECK(seen == numbers(25));
    broker.consume("work", 1);
    CHECK(broker.take_one().counters.deliveries == 1);
}
