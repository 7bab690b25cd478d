#include "baton/producer.hpp"

#include "tests/unit/client/fake_server.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

struct ProducerSetup {
    ProducerSetup() {
        ClientOptions options;
        options.reconnect_base = 1ms;
        options.reconnect_cap = 5ms;
        auto connecting = std::async(std::launch::async, [&] { return Client::connect(server.address(), options); });
        connections.push_back(server.accept());
        connections.back().welcome();
        client.emplace(connecting.get());
    }
    ~ProducerSetup() { client->close(0ms); }

    FakeConnection& connection() { return connections.back(); }
    void reconnect(std::uint64_t epoch) {
        connection().close();
        connections.push_back(server.accept());
        connection().welcome(epoch);
    }

    FakeServer server;
    std::vector<FakeConnection> connections;
    std::optional<Client> client;
};

Message text(std::string payload) { return {std::move(payload), {}, {}, {}}; }

}  // namespace

TEST_CASE("a produce whose reply was lost is repeated with the same id and sequence") {
    ProducerSetup setup;
    Producer producer(*setup.client, "orders");
    auto produced = std::async(std::launch::async, [&] { return producer.produce(text("one")); });
    const v1::ClientFrame first = setup.connection().read();
    setup.reconnect(2);
    const v1::ClientFrame again = setup.connection().read();

    CHECK(first.produce().sequence() == 1);
    CHECK(first.produce().producer_id() != 0);
    CHECK(again.SerializeAsString() == first.SerializeAsString());
    v1::ServerFrame reply;
    reply.set_request_id(again.request_id());
    reply.mutable_produced()->set_first_offset(17);
    reply.mutable_produced()->set_count(1);
    reply.mutable_produced()->set_duplicate(true);
    reply.mutable_produced()->set_queue_id(5);
    setup.connection().send(reply);
    const Receipt receipt = produced.get();
    CHECK(receipt.id.to_string() == "5-17");
    CHECK(receipt.duplicate);
}

TEST_CASE("an outcome that this client does not know is no success") {
    ProducerSetup setup;
    Producer producer(*setup.client, "orders");
    auto produced = std::async(std::launch::async, [&] { return producer.produce(text("one")); });
    v1::ServerFrame reply;
    reply.set_request_id(setup.connection().read().request_id());
    reply.mutable_produced()->set_count(1);
    reply.mutable_produced()->add_outcomes()->set_kind(static_cast<v1::ItemOutcome::Kind>(99));
    setup.connection().send(reply);
    try {
        produced.get();
        FAIL("it did not throw");
    } catch (const Exception& error) {
        CHECK(error.code() == ErrorCode::protocol_violation);
    }
}

TEST_CASE("sequences rise by one and acked_through follows the answers") {
    ProducerSetup setup;
    Producer producer(*setup.client, "orders");
    for (int i = 0; i < 3; ++i) {
        EncodedBatch batch = producer.new_batch();
        batch.add("x");
        producer.send_batch(std::move(batch));
    }
    std::vector<v1::ClientFrame> frames;
    for (std::uint64_t i = 1; i <= 3; ++i) {
        frames.push_back(setup.connection().read());
        CHECK(frames.back().produce().sequence() == i);
        CHECK(frames.back().produce().acked_through() == 0);
    }
    for (const std::size_t i : {std::size_t{1}, std::size_t{0}, std::size_t{2}}) {
        setup.connection().send_produced(frames[i].request_id(), i, 1);
    }
    producer.flush();
    EncodedBatch batch;
    batch.add("y");
    producer.send_batch(std::move(batch));
    CHECK(setup.connection().read().produce().acked_through() == 3);
    setup.client->close(0ms);  // Nobody answers what is still on its way.
}

TEST_CASE("messages that are sent together travel together, each with its own result") {
    ProducerSetup setup;
    ProducerOptions options;
    options.batch_messages = 4;
    options.linger = 10s;
    Producer producer(*setup.client, "orders", options);
    std::vector<std::string> results(4);
    for (std::size_t i = 0; i < 4; ++i) {
        producer.send(text("m" + std::to_string(i)), [&results, i](const Result<Receipt>& result) {
            results[i] = result ? result.value().id.to_string() : to_text(result.error().code);
        });
    }
    const v1::ClientFrame frame = setup.connection().read();
    REQUIRE(frame.produce().entries_size() == 4);
    CHECK(frame.produce().per_item());
    CHECK(frame.produce().entries(3).payload() == "m3");
    v1::ServerFrame reply;
    reply.set_request_id(frame.request_id());
    v1::Produced& produced = *reply.mutable_produced();
    produced.set_first_offset(100);
    produced.set_count(3);
    produced.set_queue_id(5);
    produced.add_refusals()->set_index(1);
    produced.mutable_refusals(0)->mutable_error()->set_code(v1::MESSAGE_TOO_LARGE);
    setup.connection().send(reply);
    producer.flush();
    CHECK(results == std::vector<std::string>{"5-100", "MESSAGE_TOO_LARGE", "5-101", "5-102"});
}

TEST_CASE("each message of a gathered batch is told what it came to, and only stored ones take an offset") {
    ProducerSetup setup;
    ProducerOptions options;
    options.batch_messages = 6;
    options.linger = 10s;
    Producer producer(*setup.client, "orders", options);
    std::vector<Receipt> receipts;
    for (int i = 0; i < 6; ++i) {
        Message message = text("x");
        message.options.dedup = Dedup{"key", Dedup::Mode::debounce, 5s, true, false};
        producer.send(std::move(message), [&](const Result<Receipt>& result) { receipts.push_back(result.value()); });
    }
    const v1::ClientFrame frame = setup.connection().read();
    REQUIRE(frame.produce().options_size() == 6);
    const v1::Dedup& sent = frame.produce().options(0).options().dedup();
    CHECK(sent.id() == "key");
    CHECK(sent.mode() == v1::Dedup::DEBOUNCE);
    CHECK(sent.ttl_ms() == 5'000);
    CHECK(sent.extend());
    CHECK_FALSE(sent.replace());
    v1::ServerFrame reply;
    reply.set_request_id(frame.request_id());
    v1::Produced& produced = *reply.mutable_produced();
    produced.set_queue_id(5);
    produced.set_first_offset(17);
    produced.set_count(4);
    const auto outcome = [&](std::uint32_t index, int kind, std::uint64_t offset) {
        v1::ItemOutcome& added = *produced.add_outcomes();
        added.set_index(index);
        added.set_kind(static_cast<v1::ItemOutcome::Kind>(kind));
        added.set_offset(offset);
        added.set_state(v1::DELAYED);
    };
    outcome(1, v1::ItemOutcome::DUPLICATE, 3);
    outcome(2, v1::ItemOutcome::REPLACED, 4);
    outcome(3, v1::ItemOutcome::PARKED, 5);
    setup.connection().send(reply);
    producer.flush();
    REQUIRE(receipts.size() == 6);
    CHECK(receipts[0].id.to_string() == "5-17");
    CHECK(receipts[0].outcome.kind == ProduceOutcome::Kind::created);
    CHECK(receipts[1].id.to_string() == "5-3");
    CHECK(receipts[1].outcome.kind == ProduceOutcome::Kind::duplicate);
    CHECK(receipts[1].outcome.state == MessageState::delayed);
    CHECK(receipts[2].id.to_string() == "5-18");
    CHECK(receipts[2].outcome.kind == ProduceOutcome::Kind::replaced);
    CHECK(receipts[2].outcome.other.to_string() == "5-4");
    CHECK(receipts[3].id.to_string() == "5-5");
    CHECK(receipts[3].outcome.kind == ProduceOutcome::Kind::parked);
    CHECK(receipts[4].id.to_string() == "5-19");
    CHECK(receipts[5].id.to_string() == "5-20");
}

TEST_CASE("a lone message is not held back, and flush sends what lingers") {
    ProducerSetup setup;
    Producer producer(*setup.client, "orders");
    producer.send(text("alone"));
    const v1::ClientFrame frame = setup.connection().read();
    CHECK(frame.produce().entries(0).payload() == "alone");
    setup.connection().send_produced(frame.request_id(), 0, 1);

    ProducerOptions options;
    options.linger = 10s;
    Producer lingering(*setup.client, "orders", options);
    lingering.send(text("held"));
    auto flushed = std::async(std::launch::async, [&] { lingering.flush(); });
    const v1::ClientFrame held = setup.connection().read();
    CHECK(held.produce().entries(0).payload() == "held");
    setup.connection().send_produced(held.request_id(), 1, 1);
    flushed.get();
}

TEST_CASE("while batches are on their way messages gather into larger ones") {
    ProducerSetup setup;
    Producer producer(*setup.client, "orders");
    std::vector<v1::ClientFrame> frames;
    for (int i = 0; i < 4; ++i) {
        producer.send(text("first"));
        frames.push_back(setup.connection().read());
    }
    for (int i = 0; i < 100; ++i) {
        producer.send(text("later"));
    }
    setup.connection().send_produced(frames[0].request_id(), 0, 1);
    CHECK(setup.connection().read().produce().entries_size() == 100);
    setup.client->close(0ms);  // Nobody answers what is still on its way.
}

TEST_CASE("too much in flight is refused by try_send and goes on after an answer") {
    ProducerSetup setup;
    ProducerOptions options;
    options.in_flight_batches = 2;
    Producer producer(*setup.client, "orders", options);
    EncodedBatch batch;
    for (int i = 0; i < 2; ++i) {
        batch.add("x");
        REQUIRE(producer.try_send_batch(batch));
    }
    batch.add("kept");
    CHECK_FALSE(producer.try_send_batch(batch));
    CHECK(batch.count() == 1);
    CHECK_FALSE(producer.try_send(text("no")));

    auto blocked = std::async(std::launch::async, [&] { producer.send_batch(std::move(batch)); });
    setup.connection().send_produced(setup.connection().read().request_id(), 0, 1);
    blocked.get();
    setup.connection().read();
    CHECK(setup.connection().read().produce().entries(0).payload() == "kept");
    setup.client->close(0ms);  // Nobody answers what is still on its way.
}

TEST_CASE("a refused batch is told to its callback, and its sequence is not used again") {
    ProducerSetup setup;
    Producer producer(*setup.client, "orders");
    auto produced = std::async(std::launch::async, [&] { return producer.produce(text("one")); });
    setup.connection().send_error(setup.connection().read().request_id(), v1::QUEUE_FULL, "full");
    try {
        produced.get();
        FAIL("it did not throw");
    } catch (const Exception& error) {
        CHECK(error.code() == ErrorCode::queue_full);
    }
    producer.send(text("two"));
    const v1::ClientFrame next = setup.connection().read();
    CHECK(next.produce().sequence() == 2);
    CHECK(next.produce().acked_through() == 1);
    setup.client->close(0ms);  // Nobody answers what is still on its way.
}

TEST_CASE("a callback may send, and may not block") {
    ProducerSetup setup;
    Producer producer(*setup.client, "orders");
    std::promise<ErrorCode> blocked;
    producer.send(text("one"), [&](const Result<Receipt>&) {
        producer.send(text("two"));
        try {
            producer.flush();
            blocked.set_value(ErrorCode::ok);
        } catch (const Exception& error) {
            blocked.set_value(error.code());
        }
    });
    setup.connection().send_produced(setup.connection().read().request_id(), 0, 1);
    CHECK(blocked.get_future().get() == ErrorCode::invalid_argument);
    CHECK(setup.connection().read().produce().entries(0).payload() == "two");
    setup.client->close(0ms);  // Nobody answers what is still on its way.
}

TEST_CASE("closing the client answers what is unanswered") {
    ProducerSetup setup;
    Producer producer(*setup.client, "orders");
    std::atomic<int> closed{0};
    for (int i = 0; i < 3; ++i) {
        producer.send(text("x"), [&](const Result<Receipt>& result) {
            closed += !result && result.error().code == ErrorCode::closed ? 1 : 0;
        });
    }
    setup.connection().read();
    setup.client->close(0ms);
    CHECK_THROWS_AS(producer.produce(text("late")), Exception);
    producer = Producer(*setup.client, "other");
    CHECK(closed == 3);
}
