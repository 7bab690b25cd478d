#include "cli/bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <mutex>
#include <thread>

namespace baton::cli {

namespace {

using Clock = std::chrono::steady_clock;

std::uint32_t us_since(Clock::time_point began) {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began).count());
}

std::int64_t clock_ns() { return Clock::now().time_since_epoch().count(); }

}  // namespace

/// Connections that each produce one message, wait until it is durable, and go on with the next.
BenchResult bench_sync_produce(const Context& context, const BenchOptions& options) {
    std::vector<Client> clients;
    for (std::uint32_t i = 0; i < options.connections; ++i) {
        clients.push_back(context.connect());
    }
    std::vector<PayloadPool> pools(clients.size(), PayloadPool(options.size));
    BenchResult result;
    std::mutex mutex;
    std::optional<std::string> failure;
    const std::uint64_t each = options.messages / options.connections;
    const auto began = Clock::now();
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < clients.size(); ++i) {
        threads.emplace_back([&, i] {
            try {
                Producer producer(clients[i], options.queue);
                std::vector<std::uint32_t> latencies;
                latencies.reserve(each);
                for (std::uint64_t n = 0; n < each; ++n) {
                    const auto sent = Clock::now();
                    EncodedBatch batch = producer.new_batch();
                    batch.add(pools[i].next());
                    producer.produce(std::move(batch));
                    latencies.push_back(us_since(sent));
                }
                const std::lock_guard lock(mutex);
                result.latencies_us.insert(result.latencies_us.end(), latencies.begin(), latencies.end());
            } catch (const std::exception& error) {
                const std::lock_guard lock(mutex);
                failure = error.what();
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    if (failure) {
        throw std::runtime_error(*failure);
    }
    result.messages = each * options.connections;
    result.seconds = us_since(began) / 1e6;
    return result;
}

/// A steady rate of single messages; the time from produce to receipt is in the payload.
BenchResult bench_latency(const Context& context, const BenchOptions& options) {
    Client producing = context.connect();
    Client consuming = context.connect();
    ConsumerOptions consumer_options;
    consumer_options.credit_messages = 1'000;
    consumer_options.report_started = false;
    Consumer consumer(consuming, options.queue, consumer_options);
    BenchResult result;
    result.latencies_us.reserve(options.messages);
    std::thread receiver([&] {
        while (result.latencies_us.size() < options.messages) {
            const Batch batch = consumer.receive_batch(1'000, std::chrono::seconds(10));
            if (batch.empty()) {
                return;
            }
            const std::int64_t now = clock_ns();
            for (const MessageView message : batch) {
                std::int64_t sent = 0;
                std::memcpy(&sent, message.payload().data(), sizeof sent);
                result.latencies_us.push_back(static_cast<std::uint32_t>((now - sent) / 1'000));
            }
            batch.ack();
        }
    });
    Producer producer(producing, options.queue);
    PayloadPool pool(std::max(options.size, sizeof(std::int64_t)));
    std::string payload;
    const auto began = Clock::now();
    const auto step = std::chrono::nanoseconds(1'000'000'000 / std::max<std::uint64_t>(options.rate, 1));
    for (std::uint64_t n = 0; n < options.messages; ++n) {
        std::this_thread::sleep_until(began + n * step);
        const std::int64_t now = clock_ns();
        payload = pool.next();
        std::memcpy(payload.data(), &now, sizeof now);
        EncodedBatch batch = producer.new_batch();
        batch.add(payload);
        producer.send_batch(std::move(batch));
    }
    producer.flush();
    receiver.join();
    result.messages = result.latencies_us.size();
    result.seconds = us_since(began) / 1e6;
    if (result.messages != options.messages) {
        throw std::runtime_error(fmt::format("only {} of {} messages came", result.messages, options.messages));
    }
    return result;
}

}  // namespace baton::cli
