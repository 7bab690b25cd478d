// kill -9 of the real daemon, again and again, while a producer and a consumer work through it. Afterwards: every
// confirmed message came out, none came after its ack was confirmed, and none came twice without a cause.
#include "baton/baton.hpp"
#include "tests/integration/client/running_daemon.hpp"
#include "tests/support/prng.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace baton;
using namespace std::chrono_literals;

namespace {

constexpr const char* queue = "killed";
constexpr std::uint64_t batch_messages = 100;
constexpr std::uint64_t messages_max = 4'000'000;

int cycles() {
    const char* wanted = std::getenv("BATON_KILL_CYCLES");
    return wanted != nullptr ? std::atoi(wanted) : 50;
}

/// What is known of every message, by the number in its payload.
struct History {
    std::vector<std::atomic<std::uint8_t>> confirmed = std::vector<std::atomic<std::uint8_t>>(messages_max);
    std::vector<std::atomic<std::uint8_t>> deliveries = std::vector<std::atomic<std::uint8_t>>(messages_max);
    std::vector<std::atomic<std::uint8_t>> acked = std::vector<std::atomic<std::uint8_t>>(messages_max);
    std::atomic<std::uint64_t> sent{0};
    std::atomic<std::uint64_t> after_ack{0}, without_cause{0}, unexpected{0};
};

void produce_until(std::atomic<bool>& stop, Producer& producer, History& history) {
    for (std::uint64_t next = 0; !stop && next + batch_messages < messages_max; next += batch_messages) {
        EncodedBatch batch = producer.new_batch();
        for (std::uint64_t i = next; i < next + batch_messages; ++i) {
            batch.add(std::to_string(i));
        }
        history.sent = next + batch_messages;
        producer.send_batch(std::move(batch), [&history, next](const Result<BatchReceipt>& result) {
            for (std::uint64_t i = next; result.ok() && i < next + batch_messages; ++i) {
                history.confirmed[i] = 1;
            }
        });
    }
}

void take(const Batch& batch, History& history) {
    std::vector<std::uint64_t> numbers;
    for (const MessageView message : batch) {
        const std::uint64_t number = std::strtoull(std::string(message.payload()).c_str(), nullptr, 10);
        if (number >= history.sent) {
            history.unexpected += 1;
            continue;
        }
        history.after_ack += history.acked[number];
        const bool repeated = history.deliveries[number].exchange(1) != 0;
        history.without_cause += repeated && (message.deliveries() < 2 || message.cause() == Cause::none) ? 1 : 0;
        numbers.push_back(number);
    }
    batch.ack([&history, numbers](const Result<SettleReport>& report) {
        for (const std::uint64_t number : numbers) {
            if (report.ok() && report.value().refusals.empty()) {
                history.acked[number] = 1;
            }
        }
    });
}

}  // namespace

TEST_CASE("kill -9 loses no confirmed message and brings none back after its ack") {
    tests::RunningDaemon daemon;
    History history;
    Client producing = daemon.connect();
    Client consuming = daemon.connect();
    Admin(producing).create_queue(queue);
    auto producer =
        std::make_unique<Producer>(producing, queue, ProducerOptions{.in_flight_batches = 8, .timeout = 0ms});
    Consumer consumer(consuming, queue, {.credit_messages = 2'000});
    std::atomic<bool> stop_producing{false}, stop_consuming{false};
    std::thread producer_thread([&] { produce_until(stop_producing, *producer, history); });
    std::thread consumer_thread([&] {
        while (!stop_consuming) {
            take(consumer.receive_batch(1'000, 100ms), history);
        }
    });

    tests::Prng random(1);
    for (int cycle = 0; cycle < cycles(); ++cycle) {
        std::this_thread::sleep_for(std::chrono::milliseconds(random.between(50, 300)));
        daemon.kill();
        daemon.start();
    }
    stop_producing = true;
    producer_thread.join();
    producer->flush(60s);
    Admin admin(producing);
    const auto give_up = std::chrono::steady_clock::now() + 60s;
    QueueInfo left = admin.show_queue(queue);
    while (left.waiting + left.leased + left.delayed > 0 && std::chrono::steady_clock::now() < give_up) {
        std::this_thread::sleep_for(50ms);
        left = admin.show_queue(queue);
    }
    stop_consuming = true;
    consumer_thread.join();

    std::uint64_t confirmed = 0, lost = 0;
    for (std::uint64_t i = 0; i < history.sent; ++i) {
        confirmed += history.confirmed[i];
        lost += history.confirmed[i] != 0 && history.deliveries[i] == 0 ? 1 : 0;
    }
    WARN(cycles() << " kills, " << confirmed << " confirmed messages of " << history.sent << " sent");
    CHECK(left.waiting + left.leased + left.delayed == 0);
    CHECK(confirmed > 0);
    CHECK(lost == 0);
    CHECK(history.after_ack == 0);
    CHECK(history.without_cause == 0);
    CHECK(history.unexpected == 0);
}
