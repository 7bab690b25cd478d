// The workloads, the same for every peer: what `baton bench` does, against the interface in peer.hpp. Prints one JSON
// object.
//
//   PEER --workload produce|end-to-end|latency|fan-out|backlog --port P --pid SERVER [--messages N] [--size B] ...
#include "tests/bench/peers/peer.hpp"
#include "tests/bench/peers/server_usage.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

namespace baton::peers {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t pool_bytes = 4 * 1024 * 1024;
constexpr std::uint64_t lead_bytes = 8 * 1024 * 1024;
constexpr std::uint64_t clock_every = 64;
constexpr auto patience = std::chrono::seconds(30);

double seconds_since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

/// Random payloads of one size, cut from a pool that was filled once.
class PayloadPool {
public:
    explicit PayloadPool(std::size_t size) : size_(size), bytes_(pool_bytes + size, '\0') {
        std::mt19937_64 random(std::random_device{}());
        std::generate(bytes_.begin(), bytes_.end(), [&] { return static_cast<char>(random()); });
    }
    std::string_view next() {
        at_ = (at_ + 61) % pool_bytes;
        return {bytes_.data() + at_, size_};
    }

private:
    std::size_t size_;
    std::string bytes_;
    std::size_t at_ = 0;
};

struct Result {
    std::uint64_t messages = 0;
    double seconds = 0;
    std::vector<std::uint32_t> latencies_us;
};

/// Sends `messages`, or as many as the time allows; returns how many after the last is confirmed.
Result produce(Peer& peer, const Options& options) {
    const auto producer = peer.producer();
    PayloadPool pool(options.size);
    Result result;
    const auto began = Clock::now();
    while (result.messages < options.messages &&
           (result.messages % clock_every != 0 || seconds_since(began) < options.seconds)) {
        producer->send(pool.next());
        result.messages += 1;
    }
    producer->finish();
    result.seconds = seconds_since(began);
    return result;
}

/// A producer on this thread and consumers on threads of their own, and how far each side is.
class Flow {
public:
    Flow(Peer& peer, const Options& options) : peer_(peer), options_(options) {}

    Result run() {
        std::vector<std::unique_ptr<Consumer>> consumers;
        for (std::uint32_t group = 0; group < options_.groups; ++group) {
            consumers.push_back(peer_.consumer(group));
        }
        const auto producer = peer_.producer();
        const auto began = Clock::now();
        std::vector<std::thread> threads;
        for (const auto& consumer : consumers) {
            threads.emplace_back([this, &consumer] { consume(*consumer); });
        }
        send(*producer, began);
        for (std::thread& thread : threads) {
            thread.join();
        }
        return {.messages = got_, .seconds = seconds_since(began), .latencies_us = {}};
    }

private:
    void send(Producer& producer, Clock::time_point began) {
        PayloadPool pool(options_.size);
        for (std::uint64_t sent = 0; sent < total_; ++sent) {
            const bool late = sent % clock_every == 0 && seconds_since(began) >= options_.seconds;
            if (late || sent + 1 == options_.messages) {
                total_ = sent + 1;  // Known before the last message leaves, so that nobody waits for more.
            }
            producer.send(pool.next());
            if (sent > got_ / options_.groups + options_.lead) {
                producer.push();
                for (std::uint64_t seen = got_; sent > seen / options_.groups + options_.lead; seen = got_) {
                    got_.wait(seen);
                }
            }
        }
        producer.finish();
    }

    void consume(Consumer& consumer) try {
        auto last = Clock::now();
        for (std::uint64_t mine = 0; mine < total_;) {
            const std::uint64_t count = consumer.receive([](std::string_view) {}, std::chrono::seconds(1));
            mine += count;
            got_ += count;
            got_.notify_all();
            last = count > 0 ? Clock::now() : last;
            if (Clock::now() - last > patience) {
                throw std::runtime_error("no message came for 30 seconds");
            }
        }
        consumer.finish();
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        std::_Exit(1);
    }

    Peer& peer_;
    const Options& options_;
    std::atomic<std::uint64_t> got_{0}, total_{UINT64_MAX};
};

/// A steady rate of single messages; the time at which each left is in its payload.
Result latency(Peer& peer, const Options& options) {
    const auto consumer = peer.consumer(0);
    const auto producer = peer.producer();
    const auto now_ns = [] { return Clock::now().time_since_epoch().count(); };
    Result result;
    std::thread receiver([&] {
        try {
            const Seen seen = [&](std::string_view payload) {
                std::int64_t sent = 0;
                std::memcpy(&sent, payload.data(), sizeof sent);
                result.latencies_us.push_back(static_cast<std::uint32_t>((now_ns() - sent) / 1'000));
            };
            while (result.latencies_us.size() < options.messages) {
                if (consumer->receive(seen, patience) == 0) {
                    throw std::runtime_error("no message came for 30 seconds");
                }
            }
            consumer->finish();
        } catch (const std::exception& failure) {
            std::fprintf(stderr, "%s\n", failure.what());
            std::_Exit(1);
        }
    });
    PayloadPool pool(std::max(options.size, sizeof(std::int64_t)));
    const auto began = Clock::now();
    const auto step = std::chrono::nanoseconds(1'000'000'000 / options.rate);
    std::string payload;
    for (std::uint64_t n = 0; n < options.messages; ++n) {
        std::this_thread::sleep_until(began + n * step);
        payload = pool.next();
        const std::int64_t now = now_ns();
        std::memcpy(payload.data(), &now, sizeof now);
        producer->send(payload);
        producer->push();
    }
    producer->finish();
    receiver.join();
    result.messages = result.latencies_us.size();
    result.seconds = seconds_since(began);
    return result;
}

Result run(Peer& peer, const Options& options) {
    if (options.workload == "latency") {
        return latency(peer, options);
    }
    if (options.workload == "end-to-end" || options.workload == "fan-out") {
        return Flow(peer, options).run();
    }
    Result result = produce(peer, options);
    if (options.workload == "backlog") {
        std::this_thread::sleep_for(std::chrono::seconds(2));  // What is on its way to the disk gets there.
    }
    return result;
}

Options parse(int count, char** words) {
    std::map<std::string, std::string> given;
    for (int i = 1; i + 1 < count; i += 2) {
        given[words[i]] = words[i + 1];
    }
    const auto number = [&](const char* name, std::uint64_t otherwise) {
        return given.contains(name) ? std::stoull(given[name]) : otherwise;
    };
    Options options;
    options.workload = given["--workload"];
    options.kind = given["--kind"];
    options.port = static_cast<int>(number("--port", 0));
    options.pid = static_cast<int>(number("--pid", 0));
    options.messages = number("--messages", options.messages);
    options.size = number("--size", options.size);
    options.rate = number("--rate", options.rate);
    options.groups = static_cast<std::uint32_t>(number("--groups", options.groups));
    options.window = static_cast<std::uint32_t>(number("--window", options.window));
    options.seconds = given.contains("--seconds") ? std::stod(given["--seconds"]) : options.seconds;
    options.lead = std::max<std::uint64_t>(lead_bytes / std::max<std::size_t>(options.size, 1), 1'000);
    return options;
}

void print(const Options& options, Result& result, const ServerUsage& before, const ServerUsage& after) {
    const auto messages = static_cast<double>(std::max<std::uint64_t>(result.messages, 1));
    std::printf(R"({"workload":"%s","messages":%llu,"size":%zu,"seconds":%.3f,"messages_per_second":%.1f,)",
                options.workload.c_str(), static_cast<unsigned long long>(result.messages), options.size,
                result.seconds, messages / result.seconds);
    if (!result.latencies_us.empty()) {
        std::vector<std::uint32_t>& all = result.latencies_us;
        std::sort(all.begin(), all.end());
        std::printf(R"("p50_us":%u,"p99_us":%u,)", all[all.size() / 2], all[all.size() * 99 / 100]);
    }
    std::printf(R"("rss_bytes":%llu,"server_cpu_seconds_per_million":%.3f})"
                "\n",
                static_cast<unsigned long long>(after.rss_bytes),
                (after.cpu_seconds - before.cpu_seconds) * 1e6 / messages);
}

}  // namespace

}  // namespace baton::peers

int main(int count, char** words) try {
    using namespace baton::peers;
    const Options options = parse(count, words);
    const auto peer = make_peer(options);
    peer->prepare();
    const ServerUsage before = server_usage(options.pid);
    Result result = run(*peer, options);
    print(options, result, before, server_usage(options.pid));
    return 0;
} catch (const std::exception& failure) {
    std::fprintf(stderr, "%s: %s\n", words[0], failure.what());
    return 1;
}
