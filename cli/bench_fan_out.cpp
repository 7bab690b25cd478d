// One publisher, many subscriptions, a connection each; every delivery is acked.
#include "cli/bench.hpp"
#include "cli/first_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace baton::cli {

namespace {

using FanOutClock = std::chrono::steady_clock;
constexpr std::uint32_t fan_out_credit = 8'192;
constexpr std::size_t drain_threads_max = 4;

/// A subscription with a connection of its own, and how far it came.
struct Subscriber {
    Client client;
    std::unique_ptr<Consumer> consumer;
    std::uint64_t got = 0;
};

/// What is subscribed to: the topic, or a pattern that stands for it alone.
std::string subscribed(const BenchOptions& options) { return options.wildcards ? options.queue + ".#" : options.queue; }

std::string bystander(const BenchOptions& options, std::uint32_t number) {
    return fmt::format("{}-other-{}.#", options.queue, number);
}

/// Those who look on: subscriptions of other patterns, and listeners that never take what they hear.
class Onlookers {
public:
    Onlookers(const Client& client, const BenchOptions& options) : admin_(client), options_(options) {
        for (std::uint32_t i = 0; i < options.bystanders; ++i) {
            Topics(client).subscribe(bystander(options, i), "s");
        }
        for (std::uint32_t i = 0; i < options.stuck_listeners; ++i) {
            ListenOptions listen;
            listen.topics = options.queue;
            listen.window_messages = 1'000;
            listeners_.push_back(std::make_unique<Listener>(client, listen));
        }
    }
    void remove() {
        listeners_.clear();
        for (std::uint32_t i = 0; i < options_.bystanders; ++i) {
            admin_.delete_queue(bystander(options_, i) + "/s");
        }
        if (options_.wildcards) {
            for (std::uint32_t i = 0; i < options_.subscriptions; ++i) {
                admin_.delete_queue(fmt::format("{}/s{}", subscribed(options_), i));
            }
        }
    }

private:
    Admin admin_;
    const BenchOptions& options_;
    std::vector<std::unique_ptr<Listener>> listeners_;
};

std::vector<Subscriber> subscribe_all(const Context& context, const BenchOptions& options) {
    const auto io = std::make_shared<IoThread>();
    std::vector<Subscriber> all;
    for (std::uint32_t i = 0; i < options.subscriptions; ++i) {
        Subscriber one{Client::connect(context.server, sharing(context, io)), nullptr, 0};
        const std::string name = fmt::format("s{}", i);
        Topics(one.client).subscribe(subscribed(options), name);
        ConsumerOptions consumer;
        consumer.credit_messages = fan_out_credit;
        consumer.report_started = false;
        one.consumer = std::make_unique<Consumer>(one.client, subscribed(options) + "/" + name, consumer);
        all.push_back(std::move(one));
    }
    return all;
}

/// Takes turns over some of the subscriptions until all of these have everything.
void drain_some(std::vector<Subscriber*> mine, std::uint64_t messages, std::atomic<std::uint64_t>& got) {
    auto idle_since = FanOutClock::now();
    while (!mine.empty()) {
        std::uint64_t round = 0;
        for (Subscriber* one : mine) {
            const auto wait = mine.size() == 1 ? std::chrono::milliseconds(100) : std::chrono::milliseconds(0);
            const Batch batch = one->consumer->receive_batch(10'000, wait);
            if (!batch.empty()) {
                batch.ack();
                one->got += batch.size();
                round += batch.size();
            }
        }
        got += round;
        got.notify_all();
        std::erase_if(mine, [&](const Subscriber* one) { return one->got >= messages; });
        if (round != 0) {
            idle_since = FanOutClock::now();
        } else if (FanOutClock::now() - idle_since > std::chrono::seconds(30)) {
            throw std::runtime_error("no message came for 30 seconds");
        } else if (mine.size() > 1) {
            std::this_thread::sleep_for(std::chrono::microseconds(500));
        }
    }
}

void publish_all(const Client& client, const BenchOptions& options, const std::atomic<std::uint64_t>& got) {
    const std::uint64_t lead =
        std::max<std::uint64_t>(options.lead_bytes / std::max<std::size_t>(options.size, 1), 1'000);
    FirstError errors;
    Producer producer(client, options.queue);
    PayloadPool pool(options.size);
    for (std::uint64_t sent = 0; sent < options.messages;) {
        const std::uint64_t count = std::min<std::uint64_t>(options.messages - sent, options.batch);
        EncodedBatch batch = producer.new_batch();
        for (std::uint64_t i = 0; i < count; ++i) {
            batch.add(pool.next());
        }
        producer.send_batch(std::move(batch), errors.watch());
        sent += count;
        errors.check();
        for (std::uint64_t seen = got; sent > seen / options.subscriptions + lead; seen = got) {
            got.wait(seen);
        }
    }
    producer.flush(std::chrono::minutes(10));
    errors.check();
}

}  // namespace

BenchResult bench_fan_out(const Context& context, const BenchOptions& options) {
    Client publishing = context.connect();
    std::vector<Subscriber> all = subscribe_all(context, options);
    Client looking = context.connect();
    Onlookers onlookers(looking, options);
    std::vector<std::vector<Subscriber*>> shares(std::min<std::size_t>(drain_threads_max, all.size()));
    for (std::size_t i = 0; i < all.size(); ++i) {
        shares[i % shares.size()].push_back(&all[i]);
    }
    std::atomic<std::uint64_t> got{0};
    BenchResult result;
    result.before = Admin(publishing).server_status();
    const auto began = FanOutClock::now();
    std::mutex mutex;
    std::optional<std::string> failed;
    std::vector<std::thread> threads;
    for (const auto& share : shares) {
        threads.emplace_back([&, share] {
            try {
                drain_some(share, options.messages, got);
            } catch (const std::exception& failure) {
                const std::lock_guard lock(mutex);
                failed = failure.what();
                got = UINT64_MAX / 2;  // Whoever waits for the lead goes on, to be told.
                got.notify_all();
            }
        });
    }
    publish_all(publishing, options, got);
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (Subscriber& one : all) {
        one.consumer->flush(std::chrono::minutes(1));
    }
    const double seconds = std::chrono::duration<double>(FanOutClock::now() - began).count();
    result.after = Admin(publishing).server_status();
    onlookers.remove();
    if (failed) {
        throw std::runtime_error(*failed);
    }
    result.seconds = seconds;
    result.messages = options.messages * options.subscriptions;
    result.more = {{"subscriptions", static_cast<double>(options.subscriptions)},
                   {"deliveries_per_second", static_cast<double>(result.messages) / result.seconds}};
    return result;
}

}  // namespace baton::cli
