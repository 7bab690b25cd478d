// kill -9 of the real daemon, again and again, while a producer and a consumer work through it. Afterwards: every
// confirmed message came out, none came after its ack was confirmed, and none came twice without a cause.
#include "baton/baton.hpp"
#include "tests/crash/kill_history.hpp"
#include "tests/integration/client/running_daemon.hpp"
#include "tests/support/prng.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace baton;
using namespace std::chrono_literals;
using tests::kill_messages_max;
using tests::KillReader;
using tests::SentMessages;

namespace {

constexpr const char* queue = "killed";
constexpr std::uint64_t batch_messages = 100;

int cycles() {
    const char* wanted = std::getenv("BATON_KILL_CYCLES");
    return wanted != nullptr ? std::atoi(wanted) : 50;
}

void produce_until(const std::atomic<bool>& stop, Producer& producer, SentMessages& sent) {
    for (std::uint64_t next = 0; !stop && next + batch_messages < kill_messages_max; next += batch_messages) {
        EncodedBatch batch = producer.new_batch();
        for (std::uint64_t i = next; i < next + batch_messages; ++i) {
            batch.add({std::to_string(i), {}, {{"parity", i % 2 == 0 ? "even" : "odd"}}, {}});
        }
        sent.sent = next + batch_messages;
        producer.send_batch(std::move(batch), [&sent, next](const Result<BatchReceipt>& result) {
            for (std::uint64_t i = next; result.ok() && i < next + batch_messages; ++i) {
                sent.confirmed[i] = 1;
            }
        });
    }
}

/// Kills the daemon again and again while everybody works.
void kill_again_and_again(tests::RunningDaemon& daemon, int times) {
    tests::Prng random(1);
    for (int cycle = 0; cycle < times; ++cycle) {
        std::this_thread::sleep_for(std::chrono::milliseconds(random.between(50, 300)));
        daemon.kill();
        daemon.start();
    }
}

/// A queue with a reader of its own, read by a thread.
struct Reading {
    Reading(const Client& client, const std::string& queue, const SentMessages& sent, std::uint64_t every)
        : name(queue), reader(sent, every), consumer(client, queue, {.credit_messages = 2'000}), thread([this] {
              while (!stop) {
                  reader.take(consumer.receive_batch(1'000, 100ms));
              }
          }) {}
    /// Waits until nothing is left; what is left then.
    std::uint64_t finish(Admin& admin) {
        const auto give_up = std::chrono::steady_clock::now() + 60s;
        const auto left = [&] {
            const QueueInfo info = admin.show_queue(name);
            return info.waiting + info.leased + info.delayed;
        };
        while (left() > 0 && std::chrono::steady_clock::now() < give_up) {
            std::this_thread::sleep_for(50ms);
        }
        stop = true;
        thread.join();
        return left();
    }

    std::string name;
    KillReader reader;
    Consumer consumer;
    std::atomic<bool> stop{false};
    std::thread thread;
};

void check(Reading& reading, Admin& admin) {
    INFO(reading.name);
    CHECK(reading.finish(admin) == 0);
    CHECK(reading.reader.lost() == 0);
    CHECK(reading.reader.after_ack == 0);
    CHECK(reading.reader.without_cause == 0);
    CHECK(reading.reader.unexpected == 0);
}

}  // namespace

TEST_CASE("kill -9 loses no confirmed message and brings none back after its ack") {
    tests::RunningDaemon daemon;
    SentMessages sent;
    Client producing = daemon.connect();
    Client consuming = daemon.connect();
    Admin admin(producing);
    admin.create_queue(queue);
    auto producer =
        std::make_unique<Producer>(producing, queue, ProducerOptions{.in_flight_batches = 8, .timeout = 0ms});
    Reading reading(consuming, queue, sent, 1);
    std::atomic<bool> stop{false};
    std::thread producer_thread([&] { produce_until(stop, *producer, sent); });
    kill_again_and_again(daemon, cycles());
    stop = true;
    producer_thread.join();
    producer->flush(60s);
    check(reading, admin);
    WARN(cycles() << " kills, " << sent.confirmed_count() << " confirmed messages of " << sent.sent << " sent");
    CHECK(sent.confirmed_count() > 0);
}

TEST_CASE("kill -9 loses nothing to subscriptions, with filters and without, and to a bound queue") {
    tests::RunningDaemon daemon;
    SentMessages sent;
    Client producing = daemon.connect();
    Client consuming = daemon.connect();
    Admin admin(producing);
    Topics topics(producing);
    topics.create("killed.topic", {.topic = {.retention = {}, .interest = true}, .settings = {}});
    topics.subscribe("killed.topic", "all");
    SubscriptionOptions even;
    even.filter = Filter{{FilterCondition::equals("parity", "even")}};
    topics.subscribe("killed.*", "even", even);
    admin.create_queue("bound");
    topics.bind({"b", "#", "bound"});
    auto producer =
        std::make_unique<Producer>(producing, "killed.topic", ProducerOptions{.in_flight_batches = 8, .timeout = 0ms});
    Reading all(consuming, "killed.topic/all", sent, 1), second(consuming, "killed.*/even", sent, 2),
        bound(consuming, "bound", sent, 1);
    std::atomic<bool> stop{false};
    std::thread producer_thread([&] { produce_until(stop, *producer, sent); });
    kill_again_and_again(daemon, (cycles() + 1) / 2);
    stop = true;
    producer_thread.join();
    producer->flush(60s);
    for (Reading* reading : {&all, &second, &bound}) {
        check(*reading, admin);
    }
    CHECK(sent.confirmed_count() > 0);
    CHECK(admin.doctor().ailments.empty());
}
