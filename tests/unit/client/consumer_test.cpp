#include "baton/consumer.hpp"

#include "tests/unit/client/fake_server.hpp"

#include <catch2/catch.hpp>

#include <barrier>
#include <future>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

struct ConsumerSetup {
    explicit ConsumerSetup(ConsumerOptions options = {.credit_messages = 100, .report_started = false}) {
        ClientOptions client_options;
        client_options.reconnect_base = 1ms;
        client_options.reconnect_cap = 5ms;
        client_options.on_event = [this](const ConnectionEvent& event) {
            if (event.kind == ConnectionEvent::Kind::blocked) {
                on_blocked();
            }
        };
        auto connecting =
            std::async(std::launch::async, [&] { return Client::connect(server.address(), client_options); });
        connections.push_back(server.accept());
        connections.back().welcome();
        client.emplace(connecting.get());
        auto opening = std::async(std::launch::async, [&] { consumer.emplace(*client, "orders", options); });
        const v1::ClientFrame open = connection().read();
        opened = open.open_consumer();
        connection().send_done(open.request_id());
        opening.get();
    }
    ~ConsumerSetup() { client->close(0ms); }

    FakeConnection& connection() { return connections.back(); }
    /// Breaks the connection and takes the client's new one; returns the consumer's new declaration.
    v1::OpenConsumer reconnect(bool resumed) {
        connection().close();
        connections.push_back(server.accept());
        connection().welcome(1, resumed);
        const v1::ClientFrame open = connection().read();
        connection().send_done(open.request_id());
        return open.open_consumer();
    }
    void deliver(std::uint64_t batch, std::uint64_t first, std::uint32_t count) {
        connection().send_delivery(0, opened.consumer_id(), batch, first, count);
    }

    FakeServer server;
    std::vector<FakeConnection> connections;
    std::optional<Client> client;
    std::optional<Consumer> consumer;
    v1::OpenConsumer opened;
    /// Runs on the I/O thread when the server says that it blocks produces.
    std::function<void()> on_blocked;
    /// Two receivers and the test.
    std::barrier<> met{3};
};

std::string payloads(const Batch& batch) {
    std::string out;
    for (const MessageView message : batch) {
        out += std::string(message.payload()) + " ";
    }
    return out;
}

}  // namespace

TEST_CASE("pushed messages are received in order, in batches and one by one") {
    ConsumerSetup setup;
    CHECK(setup.opened.queue() == "orders");
    CHECK(setup.opened.credit_messages() == 100);
    setup.deliver(1, 10, 3);
    setup.deliver(2, 13, 2);
    CHECK(payloads(setup.consumer->receive_batch(2, 5s)) == "m10 m11 ");
    CHECK(setup.consumer->receive(5s)->payload() == "m12");
    const Batch rest = setup.consumer->receive_batch(100, 5s);
    CHECK(payloads(rest) == "m13 m14 ");
    CHECK(rest[1].id().to_string() == "5-14");
    CHECK_FALSE(setup.consumer->receive(0ms));
}

TEST_CASE("acking a batch is one settlement with one range") {
    ConsumerSetup setup;
    setup.deliver(4, 100, 50);
    setup.consumer->receive_batch(100, 5s).ack();
    const v1::ClientFrame frame = setup.connection().read();
    REQUIRE(frame.settle().settlements_size() == 1);
    const v1::Settlement& settlement = frame.settle().settlements(0);
    CHECK(settlement.has_ack());
    CHECK(settlement.token().batch() == 4);
    CHECK(settlement.token().queue_id() == 5);
    REQUIRE(settlement.ranges_size() == 1);
    CHECK(settlement.ranges(0).first() == 100);
    CHECK(settlement.ranges(0).count() == 50);
    setup.connection().send_settled(frame.request_id());
    setup.consumer->flush();
}

TEST_CASE("settles that come while two are on their way are gathered") {
    ConsumerSetup setup;
    setup.deliver(1, 0, 20);
    const Batch batch = setup.consumer->receive_batch(20, 5s);
    batch.slice(0, 1).ack();
    const v1::ClientFrame first = setup.connection().read();
    batch.slice(1, 1).ack();
    const v1::ClientFrame second = setup.connection().read();
    for (std::size_t i = 2; i < 20; ++i) {
        batch.slice(i, 1).ack();
    }
    setup.connection().send_settled(first.request_id());
    const v1::ClientFrame third = setup.connection().read();
    REQUIRE(third.settle().settlements_size() == 1);
    CHECK(third.settle().settlements(0).ranges(0).first() == 2);
    CHECK(third.settle().settlements(0).ranges(0).count() == 18);
    setup.connection().send_settled(second.request_id());
    setup.connection().send_settled(third.request_id());
    setup.consumer->flush();
}

TEST_CASE("a refusal is told to who settled the message") {
    ConsumerSetup setup;
    setup.deliver(1, 0, 4);
    const Batch batch = setup.consumer->receive_batch(4, 5s);
    std::promise<SettleReport> good, bad;
    batch.slice(0, 2).fail({.reason = "r"}, [&](const auto& result) { good.set_value(result.value()); });
    v1::ClientFrame frame = setup.connection().read();
    setup.connection().send_settled(frame.request_id());
    CHECK(good.get_future().get().refusals.empty());

    batch.slice(2, 2).fail({.reason = "r"}, [&](const auto& result) { bad.set_value(result.value()); });
    frame = setup.connection().read();
    v1::ServerFrame reply;
    reply.set_request_id(frame.request_id());
    v1::SettleRefusal& refusal = *reply.mutable_settled()->add_refusals();
    refusal.set_settlement(0);
    refusal.mutable_range()->set_first(3);
    refusal.mutable_range()->set_count(1);
    refusal.set_code(v1::LEASE_EXPIRED);
    setup.connection().send(reply);
    const SettleReport report = bad.get_future().get();
    REQUIRE(report.refusals.size() == 1);
    CHECK(report.refusals[0].first.to_string() == "5-3");
    CHECK(report.refusals[0].code == ErrorCode::lease_expired);
}

TEST_CASE("an unanswered settle is repeated, and its batch counts as held until then") {
    ConsumerSetup setup;
    setup.deliver(1, 0, 2);
    setup.deliver(2, 2, 2);
    setup.deliver(3, 4, 2);
    const Batch done = setup.consumer->receive_batch(10, 5s);
    done.ack();
    const v1::ClientFrame answered = setup.connection().read();
    setup.connection().send_settled(answered.request_id());
    setup.consumer->flush();
    const Batch held = setup.consumer->receive_batch(10, 5s);
    held.ack();
    const v1::ClientFrame lost = setup.connection().read();

    const v1::OpenConsumer again = setup.reconnect(true);

    CHECK(again.redeclared());
    CHECK(again.consumer_id() == setup.opened.consumer_id());
    CHECK(std::vector<std::uint64_t>(again.held_batches().begin(), again.held_batches().end()) ==
          std::vector<std::uint64_t>{2, 3});
    CHECK(setup.connection().read().SerializeAsString() == lost.SerializeAsString());
    v1::ServerFrame reply;  // The first try had been carried out.
    reply.set_request_id(lost.request_id());
    v1::SettleRefusal& refusal = *reply.mutable_settled()->add_refusals();
    refusal.mutable_range()->set_first(2);
    refusal.mutable_range()->set_count(2);
    refusal.set_code(v1::ALREADY_SETTLED);
    setup.connection().send(reply);
    setup.consumer->flush();
    CHECK(payloads(setup.consumer->receive_batch(10, 5s)) == "m4 m5 ");
}

TEST_CASE("a batch that the application dropped is no longer held") {
    ConsumerSetup setup;
    setup.deliver(1, 0, 2);
    setup.consumer->receive_batch(10, 5s);
    CHECK(setup.reconnect(true).held_batches().empty());
}

TEST_CASE("when the session is gone, what was not handed out is given back and not handed out") {
    ConsumerSetup setup;
    setup.deliver(1, 0, 4);
    const Batch mine = setup.consumer->receive_batch(1, 5s);
    setup.reconnect(false);
    const v1::ClientFrame frame = setup.connection().read();
    REQUIRE(frame.settle().settlements_size() == 1);
    CHECK(frame.settle().settlements(0).has_release());
    CHECK(frame.settle().settlements(0).ranges(0).first() == 1);
    CHECK(frame.settle().settlements(0).ranges(0).count() == 3);
    CHECK(setup.consumer->receive_batch(10, 0ms).empty());
}

TEST_CASE("messages handed out are reported as started, without waiting for an answer") {
    ConsumerSetup setup({.credit_messages = 10});
    setup.deliver(1, 0, 3);
    const Batch batch = setup.consumer->receive_batch(2, 5s);
    const v1::ClientFrame frame = setup.connection().read();
    CHECK(frame.request_id() == 0);
    REQUIRE(frame.settle().settlements_size() == 1);
    CHECK(frame.settle().settlements(0).has_started());
    CHECK(frame.settle().settlements(0).ranges(0).count() == 2);
}

TEST_CASE("fetch asks for messages, and ack_and_fetch settles in the same request") {
    ConsumerSetup setup({.credit_messages = 0, .report_started = false});
    auto fetching = std::async(std::launch::async, [&] { return setup.consumer->fetch(5, 1s); });
    const v1::ClientFrame fetch = setup.connection().read();
    CHECK(fetch.fetch().max_messages() == 5);
    CHECK(fetch.fetch().wait_ms() == 1000);
    setup.connection().send_delivery(fetch.request_id(), setup.opened.consumer_id(), 9, 30, 2);
    const Batch batch = fetching.get();
    CHECK(payloads(batch) == "m30 m31 ");

    fetching = std::async(std::launch::async, [&] { return setup.consumer->ack_and_fetch(batch, 5, 1s); });
    const v1::ClientFrame both = setup.connection().read();
    REQUIRE(both.has_settle());
    CHECK(both.settle().settlements(0).has_ack());
    CHECK(both.settle().fetch().max_messages() == 5);
    setup.connection().send_settled(both.request_id());
    setup.connection().send_delivery(both.request_id(), setup.opened.consumer_id(), 10, 0, 0);
    CHECK(fetching.get().empty());
    setup.consumer->flush();
}

TEST_CASE("a consumer that the server closed says why") {
    ConsumerSetup setup;
    v1::ServerFrame frame;
    frame.mutable_notice()->set_kind(v1::Notice::CONSUMER_CLOSED);
    frame.mutable_notice()->set_consumer_id(setup.opened.consumer_id());
    frame.mutable_notice()->set_reason("the queue was deleted");
    setup.connection().send(frame);
    try {
        setup.consumer->receive(10s);
        FAIL("it did not throw");
    } catch (const Exception& error) {
        CHECK(error.code() == ErrorCode::queue_deleted);
    }
}

TEST_CASE("one delivery wakes as many receivers as it has messages for") {
    ConsumerSetup setup;
    constexpr std::uint64_t rounds = 20;
    std::vector<std::future<int>> receivers;
    for (int i = 0; i < 2; ++i) {
        receivers.push_back(std::async(std::launch::async, [&] {
            int got = 0;
            while (got < static_cast<int>(rounds) && setup.consumer->receive(60s)) {
                got += 1;
                setup.met.arrive_and_wait();  // Not before the other has its message, too.
            }
            return got;
        }));
    }
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint64_t round = 0; round < rounds; ++round) {
        setup.deliver(round + 1, 2 * round, 2);
        setup.met.arrive_and_wait();
    }
    CHECK(receivers[0].get() == rounds);
    CHECK(receivers[1].get() == rounds);
    CHECK(std::chrono::steady_clock::now() - begin < 30s);
}

TEST_CASE("closing the client has acks answered before it says goodbye") {
    std::promise<void> entered, closing_now;
    ConsumerSetup setup;
    setup.on_blocked = [&] {
        entered.set_value();
        closing_now.get_future().wait();  // Until then nothing that was settled has become a request.
    };
    setup.deliver(1, 0, 40);
    const Batch batch = setup.consumer->receive_batch(40, 5s);
    v1::ServerFrame blocked;
    blocked.mutable_notice()->set_kind(v1::Notice::BLOCKED);
    setup.connection().send(blocked);
    entered.get_future().wait();
    for (std::size_t i = 0; i < 40; i += 2) {
        batch.slice(i, 1).ack();
    }
    auto closing = std::async(std::launch::async, [&] {
        closing_now.set_value();
        setup.client->close(10s);
    });
    int acked = 0;
    v1::ClientFrame frame = setup.connection().read();
    while (frame.has_settle()) {
        for (const v1::Settlement& settlement : frame.settle().settlements()) {
            acked += settlement.ranges_size();
        }
        setup.connection().send_settled(frame.request_id());
        frame = setup.connection().read();
    }
    CHECK(frame.has_goodbye());
    CHECK(acked == 20);
    setup.connection().send_done(frame.request_id());
    closing.get();
}
