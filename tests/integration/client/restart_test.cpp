// kill -9 and restart of the daemon under a producer and a consumer that do nothing about it themselves.
#include "baton/admin.hpp"
#include "baton/consumer.hpp"
#include "baton/producer.hpp"
#include "tests/integration/client/comes_true.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

TEST_CASE("kill -9 under a producer loses nothing that was confirmed and stores nothing twice") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin(client).create_queue("orders");
    Producer producer(client, "orders");
    constexpr std::size_t total = 30'000;
    std::atomic<std::size_t> confirmed{0}, refused{0};
    std::thread sender([&] {
        for (std::size_t i = 0; i < total; ++i) {
            producer.send(Message{std::to_string(i), {}, {}, {}},
                          [&](const Result<Receipt>& result) { (result ? confirmed : refused) += 1; });
            if (i % 100 == 0) {
                std::this_thread::sleep_for(2ms);  // Spreads the load over the restarts.
            }
        }
    });
    for (int i = 0; i < 3; ++i) {
        std::this_thread::sleep_for(150ms);
        daemon.kill();
        daemon.start();
    }
    sender.join();
    producer.flush(60s);

    CHECK(refused == 0);
    CHECK(confirmed == total);
    Consumer consumer(client, "orders", {.credit_messages = 10'000});
    std::size_t next = 0;
    while (next < total) {
        const Batch batch = consumer.receive_batch(10'000, 20s);
        REQUIRE_FALSE(batch.empty());
        for (const MessageView message : batch) {
            REQUIRE(message.payload() == std::to_string(next++));
        }
        batch.ack();
    }
    consumer.flush();
    CHECK(Admin(client).show_queue("orders").produced_total == total);
}

TEST_CASE("kill -9 under a consumer: every message is acked, and repeats have a cause") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    QueueSettings settings;
    settings.lease = 2s;
    admin.create_queue("work", {.settings = settings});
    constexpr std::size_t total = 3'000;
    Producer producer(client, "work");
    for (std::size_t i = 0; i < total; ++i) {
        producer.send(Message{std::to_string(i), {}, {}, {}});
    }
    producer.flush();

    std::atomic<bool> end{false};
    std::vector<int> seen(total, 0);
    int without_cause = 0;
    std::thread receiver([&] {
        Consumer consumer(client, "work", {.credit_messages = 100});
        while (!end) {
            const Batch batch = consumer.receive_batch(50, 100ms);
            for (const MessageView message : batch) {
                int& times = seen.at(std::stoul(std::string(message.payload())));
                times += 1;
                without_cause += times > 1 && message.cause() == Cause::none ? 1 : 0;
            }
            batch.ack();
            std::this_thread::sleep_for(5ms);  // The work.
        }
        consumer.flush();
    });
    for (int i = 0; i < 2; ++i) {
        std::this_thread::sleep_for(100ms);
        daemon.kill();
        daemon.start();
    }
    comes_true([&] { return admin.show_queue("work").acked_total >= total; }, 60s);
    const QueueInfo info = admin.show_queue("work");
    end = true;
    receiver.join();
    CHECK(info.acked_total == total);
    CHECK(info.waiting + info.delayed + info.failed == 0);
    CHECK(std::count(seen.begin(), seen.end(), 0) == 0);
    CHECK(without_cause == 0);
}
