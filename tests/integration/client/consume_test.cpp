#include "baton/admin.hpp"
#include "baton/consumer.hpp"
#include "baton/producer.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <set>
#include <thread>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

QueueSettings quick_retries() {
    QueueSettings settings;
    settings.max_attempts = 2;
    settings.backoff = Backoff{Backoff::Kind::fixed, 50ms, 50ms, 0, {}};
    return settings;
}

ErrorCode code_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Exception& error) {
        return error.code();
    }
    return ErrorCode::ok;
}

}  // namespace

TEST_CASE("what is produced is consumed in order with all it has, and acked for good") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("orders");
    Producer producer(client, "orders");
    Message first{"hello", "greeting", {{"lang", "en"}, {"raw", std::string("\0\x01", 2)}}, {}};
    const Receipt receipt = producer.produce(first);
    CHECK(receipt.durability == Durability::sync);
    for (int i = 1; i < 5'000; ++i) {
        producer.send(Message{std::to_string(i), {}, {}, {}});
    }
    producer.flush();
    CHECK(admin.show_queue("orders").waiting == 5'000);

    ConsumerOptions options;
    options.credit_messages = 2'000;
    Consumer consumer(client, "orders", options);
    const auto greeting = consumer.receive(10s);
    REQUIRE(greeting);
    CHECK(greeting->payload() == "hello");
    CHECK(greeting->name() == "greeting");
    CHECK(greeting->view().header("lang") == "en");
    CHECK(greeting->view().header("raw") == std::string_view("\0\x01", 2));
    CHECK(greeting->id() == receipt.id);
    CHECK(greeting->view().deliveries() == 1);
    greeting->ack();
    for (int next = 1; next < 5'000;) {
        const Batch batch = consumer.receive_batch(1'000, 10s);
        REQUIRE_FALSE(batch.empty());
        for (const MessageView message : batch) {
            REQUIRE(message.payload() == std::to_string(next++));
        }
        batch.ack();
    }
    consumer.flush();
    const QueueInfo info = admin.show_queue("orders");
    CHECK(info.waiting + info.leased + info.delayed + info.failed == 0);
    CHECK(info.acked_total == 5'000);
    CHECK(client.ping() > 0us);
}

TEST_CASE("a failed message is retried, then kept in the failed set, and can be put back") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("jobs", {.settings = quick_retries()});
    Producer(client, "jobs").produce(Message{"work", {}, {}, {}});
    Consumer consumer(client, "jobs", {.worker = "tester"});

    auto message = consumer.receive(10s);
    REQUIRE(message);
    message->fail({.reason = "first"});
    message = consumer.receive(10s);
    REQUIRE(message);
    CHECK(message->view().failures() == 1);
    CHECK(message->view().cause() == Cause::failed);
    message->fail({.reason = "second"});
    consumer.flush();

    const MessagePage failed = admin.list_failed("jobs");
    REQUIRE(failed.messages.size() == 1);
    CHECK(failed.messages[0].payload == "work");
    CHECK(failed.messages[0].reason == "attempts_exhausted");
    REQUIRE(failed.messages[0].attempts.size() == 2);
    CHECK(failed.messages[0].attempts[1].reason == "second");
    CHECK(failed.messages[0].attempts[1].worker == "tester");
    CHECK(admin.retry_failed("jobs").messages == 1);
    message = consumer.receive(10s);
    REQUIRE(message);
    CHECK(message->view().cause() == Cause::retried);
    message->fail({.reason = "never", .terminal = true});
    consumer.flush();
    CHECK(admin.show_failed("jobs", failed.messages[0].id.offset).reason == "rejected");
    CHECK(code_of([&] { admin.show_failed("jobs", 999); }) == ErrorCode::message_not_found);
}

TEST_CASE("fetch waits at the server, and ack_and_fetch does both") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin(client).create_queue("pulled");
    Consumer consumer(client, "pulled", {.credit_messages = 0});
    CHECK(consumer.fetch(10, 10ms).empty());
    Producer producer(client, "pulled");
    const std::vector<Message> messages{{"a", {}, {}, {}}, {"b", {}, {}, {}}, {"c", {}, {}, {}}};
    CHECK(producer.produce(messages).accepted == 3);
    Batch batch = consumer.fetch(2, 10s);
    REQUIRE(batch.size() == 2);
    batch = consumer.ack_and_fetch(batch, 2, 10s);
    REQUIRE(batch.size() == 1);
    CHECK(batch[0].payload() == "c");
    CHECK(consumer.ack_and_fetch(batch, 2, 10ms).empty());
    CHECK(Admin(client).show_queue("pulled").acked_total == 3);
}

TEST_CASE("released and delayed messages come when they should") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("timed");
    Producer producer(client, "timed");
    producer.produce(Message{"much later", {}, {}, {.delay = 1h}});
    CHECK(admin.peek("timed", {.state = MessageState::delayed}).messages.at(0).payload == "much later");
    const auto begin = std::chrono::steady_clock::now();
    producer.produce(Message{"later", {}, {}, {.delay = 300ms}});
    Consumer consumer(client, "timed");
    auto message = consumer.receive(10s);
    REQUIRE(message);
    CHECK(std::chrono::steady_clock::now() - begin >= 299ms);
    CHECK(message->payload() == "later");
    message->release();
    message = consumer.receive(10s);
    REQUIRE(message);
    CHECK(message->view().cause() == Cause::released);
    CHECK(message->view().failures() == 0);
    std::promise<SettleReport> extended;
    message->extend(60s, [&](const auto& result) { extended.set_value(result.value()); });
    CHECK(extended.get_future().get().refusals.empty());
    message->ack();
    consumer.flush();
}

TEST_CASE("competing consumers share a queue, and each message goes to one") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin(client).create_queue("shared");
    Producer producer(client, "shared");
    constexpr int total = 2'000;
    for (int i = 0; i < total; ++i) {
        producer.send(Message{std::to_string(i), {}, {}, {}});
    }
    producer.flush();
    std::mutex mutex;
    std::multiset<std::string> seen;
    std::atomic<int> got{0};
    const auto until = std::chrono::steady_clock::now() + 20s;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            Client own = daemon.connect();
            Consumer consumer(own, "shared");
            while (got < total && std::chrono::steady_clock::now() < until) {
                if (const auto message = consumer.receive(100ms)) {
                    got += 1;
                    message->ack();
                    const std::lock_guard lock(mutex);
                    seen.emplace(message->payload());
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(seen.size() == total);
    CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == total);
}

TEST_CASE("refusals of the server reach the caller") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    CHECK(code_of([&] {
              Producer(client, "nowhere").produce(Message{"x", {}, {}, {}});
          }) == ErrorCode::queue_not_found);
    CHECK(code_of([&] { Consumer(client, "nowhere"); }) == ErrorCode::queue_not_found);
    admin.create_queue("gone");
    Consumer consumer(client, "gone");
    admin.delete_queue("gone");
    CHECK(code_of([&] { consumer.receive(10s); }) == ErrorCode::queue_deleted);
}
