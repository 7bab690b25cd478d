// Who consumes a queue.
#include "tests/unit/core/broker.hpp"

using namespace baton::core;
using baton::tests::Broker;

namespace {

ConsumerList consumers_of(Broker& broker, std::uint32_t limit = 100, std::optional<ConsumerPlace> after = {}) {
    return broker.expect<ConsumerList>(ListConsumers{"q", after, limit});
}

}  // namespace

TEST_CASE("a consumer is told with its worker, its session, its credit and what it holds") {
    Broker broker;
    broker.create("q", baton::tests::lease_of(45'000));
    CHECK(consumers_of(broker).consumers.empty());
    const TimeMs declared = broker.now();
    broker.consume("q", 2, 7);
    broker.produce("q", {"a", "bc", "def"});
    REQUIRE(broker.take().size() == 2);
    broker.advance(1'000);
    const ConsumerList list = consumers_of(broker);
    REQUIRE(list.consumers.size() == 1);
    CHECK_FALSE(list.next);
    CHECK(list.now == declared + 1'000);
    const ConsumerInfo& one = list.consumers.front();
    CHECK(one.worker == "worker-7");
    CHECK(one.place == ConsumerPlace{SessionId{1'001}, ConsumerId{7}});
    CHECK(one.connection == ConnectionId{1});
    CHECK(one.session_ends_at == 0);
    CHECK(one.declared_at == declared);
    CHECK(one.credit_messages == 2);
    CHECK(one.credit_bytes == limits::credit_bytes_max);
    CHECK(one.in_flight_messages == 2);
    CHECK(one.in_flight_bytes > 0);
    CHECK(one.waiting_fetches == 0);
    CHECK(one.lease_ms == 45'000);
}

TEST_CASE("what a consumer asked for itself is told: its lease, and fetches that wait") {
    Broker broker;
    broker.create("q");
    OpenConsumer open;
    open.consumer = ConsumerId{1};
    open.queue = "q";
    open.lease_ms = 9'000;
    broker.expect<Done>(open);
    broker.tell(broker.fetch_of(1, 10'000));
    broker.tell(broker.fetch_of(1, 10'000));
    const ConsumerList list = consumers_of(broker);
    REQUIRE(list.consumers.size() == 1);
    CHECK(list.consumers[0].lease_ms == 9'000);
    CHECK(list.consumers[0].credit_messages == 0);
    CHECK(list.consumers[0].waiting_fetches == 2);
}

TEST_CASE("a consumer whose connection is lost is away until its session ends, or it is declared again") {
    Broker broker;
    broker.create("q");
    const TimeMs declared = broker.now();
    broker.consume("q");
    broker.produce("q", {"a"});
    const auto held = broker.take_one();
    broker.advance(1'000);
    broker.lose(1);
    broker.connect(2);
    ConsumerList list = consumers_of(broker);
    REQUIRE(list.consumers.size() == 1);
    CHECK(list.consumers[0].connection == ConnectionId{});
    CHECK(list.consumers[0].session_ends_at == broker.now() + 5'000);
    CHECK(list.consumers[0].in_flight_messages == 1);

    // The session is there again, and the consumer is not yet.
    REQUIRE(broker.connect(3, 5'000, 1'001).resumed);
    list = consumers_of(broker);
    REQUIRE(list.consumers.size() == 1);
    CHECK(list.consumers[0].connection == ConnectionId{});
    CHECK(list.consumers[0].session_ends_at == 0);
    OpenConsumer again;
    again.consumer = ConsumerId{1};
    again.queue = "q";
    again.worker = "worker-1";
    again.redeclared = true;
    again.held_batches = {held.token.batch};
    broker.expect<Done>(again);
    list = consumers_of(broker);
    CHECK(list.consumers.at(0).connection == ConnectionId{3});
    CHECK(list.consumers.at(0).declared_at == declared);

    broker.lose(3);
    broker.use(2);
    broker.advance(5'000);
    CHECK(consumers_of(broker).consumers.empty());
}

TEST_CASE("the program that said Hello is told, the last of a resumed session") {
    Broker broker;
    broker.create("q");
    OpenSession open;
    open.fresh = SessionId{5};
    open.client = "mailer/1.2";
    open.grace_ms = 5'000;
    broker.use(9);
    broker.expect<SessionOpened>(open);
    broker.consume("q");
    CHECK(consumers_of(broker).consumers.at(0).client == "mailer/1.2");
    broker.lose(9);
    open.resume = SessionId{5};
    open.client = "mailer/1.3";
    broker.use(10);
    REQUIRE(broker.expect<SessionOpened>(open).resumed);
    CHECK(consumers_of(broker).consumers.at(0).client == "mailer/1.3");
}

TEST_CASE("consumers are told page by page in one order, and those of other queues are not") {
    Broker broker;
    broker.create("q");
    broker.create("other");
    broker.connect(3);
    for (const std::uint64_t consumer : {3, 1, 2}) {
        broker.consume("q", 1, consumer);
    }
    broker.consume("other", 1, 4);
    broker.connect(2);
    broker.consume("q", 1, 9);
    std::vector<ConsumerPlace> places;
    std::optional<ConsumerPlace> after;
    std::vector<std::size_t> sizes;
    do {
        const ConsumerList page = consumers_of(broker, 2, after);
        sizes.push_back(page.consumers.size());
        for (const ConsumerInfo& one : page.consumers) {
            places.push_back(one.place);
        }
        after = page.next;
        if (sizes.size() == 1) {
            broker.expect<Done>(CloseConsumer{ConsumerId{9}});  // One of a page that was told already.
        }
    } while (after);
    CHECK(sizes == std::vector<std::size_t>{2, 2});
    CHECK(places == std::vector<ConsumerPlace>{{SessionId{1'002}, ConsumerId{9}},
                                               {SessionId{1'003}, ConsumerId{1}},
                                               {SessionId{1'003}, ConsumerId{2}},
                                               {SessionId{1'003}, ConsumerId{3}}});
}

TEST_CASE("consumers of a queue that is not there are refused") {
    Broker broker;
    CHECK(broker.refusal(ListConsumers{"q", {}, 10}) == RefusalCode::queue_not_found);
}
