#include "cli/bench.hpp"
#include "cli/first_error.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <optional>
#include <random>
#include <thread>

namespace baton::cli {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t pool_bytes = 4 * 1024 * 1024;
constexpr std::uint32_t drain_credit = 32'768;

double seconds_since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

EncodedBatch filled(Producer& producer, PayloadPool& pool, std::uint64_t count) {
    EncodedBatch batch = producer.new_batch();
    for (std::uint64_t i = 0; i < count; ++i) {
        batch.add(pool.next());
    }
    return batch;
}

}  // namespace

PayloadPool::PayloadPool(std::size_t size) : size_(size) {
    std::string bytes(pool_bytes + size, '\0');
    std::mt19937_64 random(std::random_device{}());
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
        const std::uint64_t word = random();
        std::memcpy(bytes.data() + at, &word, std::min(sizeof word, bytes.size() - at));
    }
    bytes_ = std::make_shared<const std::string>(std::move(bytes));
}

std::string_view PayloadPool::next() {
    at_ = at_ + 61 >= pool_bytes ? at_ + 61 - pool_bytes : at_ + 61;
    return {bytes_->data() + at_, size_};
}

void produce_all(const Client& client, const BenchOptions& options, PayloadPool& pool, std::uint64_t messages) {
    FirstError errors;
    Producer producer(client, options.queue);
    for (std::uint64_t left = messages; left > 0;) {
        const std::uint64_t count = std::min<std::uint64_t>(left, options.batch);
        producer.send_batch(filled(producer, pool, count), errors.watch());
        left -= count;
        errors.check();
    }
    producer.flush(std::chrono::minutes(10));
    errors.check();
}

void drain_all(const Client& client, const BenchOptions& options, std::uint64_t messages) {
    ConsumerOptions consumer_options;
    consumer_options.credit_messages = drain_credit;
    consumer_options.report_started = false;
    Consumer consumer(client, options.queue, consumer_options);
    for (std::uint64_t got = 0; got < messages;) {
        const Batch batch = consumer.receive_batch(10'000, std::chrono::seconds(30));
        if (batch.empty()) {
            throw std::runtime_error(fmt::format("only {} of {} messages came", got, messages));
        }
        got += batch.size();
        batch.ack();
    }
    consumer.flush(std::chrono::minutes(1));
}

BenchResult bench_produce(const Context& context, const BenchOptions& options) {
    Client client = context.connect();
    PayloadPool pool(options.size);
    const auto began = Clock::now();
    produce_all(client, options, pool, options.messages);
    BenchResult result;
    result.messages = options.messages;
    result.seconds = seconds_since(began);
    return result;
}

/// Drains what is there; makes the backlog first when the queue is its own.
BenchResult bench_drain(const Context& context, const BenchOptions& options) {
    Client client = context.connect();
    std::uint64_t waiting = Admin(client).show_queue(options.queue).waiting;
    if (waiting == 0) {
        PayloadPool pool(options.size);
        produce_all(client, options, pool, options.messages);
        waiting = options.messages;
    }
    BenchResult result;
    result.messages = waiting;
    result.before = Admin(client).server_status();
    const auto began = Clock::now();
    drain_all(client, options, waiting);
    result.seconds = seconds_since(began);
    return result;
}

/// One producer and one consumer at once, the producer held to a bounded lead, for the time given.
BenchResult bench_end_to_end(const Context& context, const BenchOptions& options) {
    const std::uint64_t lead_max =
        std::max<std::uint64_t>(options.lead_bytes / std::max<std::size_t>(options.size, 1), 1'000);
    Client producing = context.connect();
    Client consuming = context.connect();
    std::atomic<std::uint64_t> sent{0}, got{0};
    std::atomic<bool> stop{false}, all_sent{false};
    std::optional<std::string> failure;
    PayloadPool pool(options.size);
    const auto began = Clock::now();
    std::thread producer_thread([&] {
        try {
            FirstError errors;
            Producer producer(producing, options.queue);
            while (!stop && seconds_since(began) < options.seconds) {
                producer.send_batch(filled(producer, pool, options.batch), errors.watch());
                sent += options.batch;
                errors.check();
                for (std::uint64_t seen = got; sent - seen > lead_max && !stop; seen = got) {
                    got.wait(seen);
                }
            }
            producer.flush(std::chrono::minutes(1));
            errors.check();
        } catch (const std::exception& error) {
            failure = error.what();
        }
        all_sent = true;
    });
    ConsumerOptions consumer_options;
    consumer_options.credit_messages = drain_credit;
    consumer_options.report_started = false;
    Consumer consumer(consuming, options.queue, consumer_options);
    while (!all_sent || got < sent) {
        const Batch batch = consumer.receive_batch(10'000, std::chrono::seconds(all_sent ? 30 : 1));
        if (batch.empty() && all_sent) {
            break;
        }
        batch.ack();
        got += batch.size();
        got.notify_one();
    }
    consumer.flush(std::chrono::minutes(1));
    const double seconds = seconds_since(began);
    stop = true;
    got.notify_all();
    producer_thread.join();
    if (failure || got != sent) {
        throw std::runtime_error(failure.value_or(fmt::format("only {} of {} messages came", got.load(), sent.load())));
    }
    BenchResult result;
    result.messages = got;
    result.seconds = seconds;
    return result;
}

/// Round robin over many queues, `batch` messages to each in turn.
BenchResult bench_many_queues(const Context& context, const BenchOptions& options) {
    Client client = context.connect();
    Admin admin(client);
    std::vector<std::unique_ptr<Producer>> producers;
    for (std::uint32_t i = 0; i < options.queues; ++i) {
        const std::string name = fmt::format("{}.{}", options.queue, i);
        if (options.topics) {
            Topics(client).create(name);
        } else {
            admin.create_queue(name);
        }
        producers.push_back(std::make_unique<Producer>(client, name));
    }
    FirstError errors;
    PayloadPool pool(options.size);
    BenchResult result;
    result.before = admin.server_status();
    const auto began = Clock::now();
    std::uint64_t sent = 0;
    for (std::uint32_t i = 0; sent < options.messages; i = (i + 1) % options.queues) {
        producers[i]->send_batch(filled(*producers[i], pool, options.batch), errors.watch());
        sent += options.batch;
        errors.check();
    }
    for (const auto& producer : producers) {
        producer->flush(std::chrono::minutes(1));
    }
    errors.check();
    result.seconds = seconds_since(began);
    result.messages = sent;
    result.after = admin.server_status();
    return result;
}

}  // namespace baton::cli
