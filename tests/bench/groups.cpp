// bench_groups: jobs of many groups, one in flight each, through a running daemon. Prints one JSON object: jobs a
// second while they are produced and worked off at once, and while a backlog is worked off, and how evenly groups were
// served.
//
//   bench_groups HOST:PORT [JOBS] [GROUPS] [BATCH]

#include "baton/admin.hpp"
#include "baton/consumer.hpp"
#include "baton/producer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* queue = "bench-groups";

struct Load {
    std::string server;
    std::uint64_t jobs = 1'000'000;
    std::uint64_t groups = 10'000;
    std::uint32_t batch = 1'000;
};

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

void fresh_queue(const Load& load) {
    baton::Client client = baton::Client::connect(load.server, {});
    baton::Admin admin(client);
    try {
        admin.delete_queue(queue);
    } catch (const baton::Exception& failure) {
        if (failure.code() != baton::ErrorCode::queue_not_found) {
            throw;
        }
    }
    baton::QueueSettings settings;
    settings.group_max_in_flight = 1;
    admin.create_queue(queue, {.settings = settings});
}

void produce(const Load& load) {
    baton::Client client = baton::Client::connect(load.server, {});
    baton::Producer producer(client, queue);
    const std::string payload(100, 'x');
    for (std::uint64_t sent = 0; sent < load.jobs;) {
        baton::EncodedBatch batch = producer.new_batch();
        for (std::uint32_t i = 0; i < load.batch && sent < load.jobs; ++i, ++sent) {
            baton::MessageOptions options;
            options.group = fmt::format("customer-{:06}", sent % load.groups);
            batch.add(payload, {}, {}, options);
        }
        producer.send_batch(std::move(batch));
    }
    producer.flush();
}

struct Served {
    double seconds = 0;
    std::uint64_t jobs = 0;
    /// How far the most served group was ever ahead of the least served one, looked at once in a while.
    std::uint64_t apart = 0;
};

/// Works off everything, one ack for each delivery.
Served work_off(const Load& load) {
    baton::Client client = baton::Client::connect(load.server, {});
    baton::Consumer consumer(client, queue, {.credit_messages = 16'384, .report_started = false});
    std::unordered_map<std::string, std::uint64_t> served;
    Served out;
    std::uint64_t look_at = load.groups;
    const auto begin = Clock::now();
    while (out.jobs < load.jobs) {
        const baton::Batch batch = consumer.receive_batch(10'000, 30s);
        if (batch.empty()) {
            throw std::runtime_error("nothing came for 30 s");
        }
        for (const baton::MessageView job : batch) {
            served[std::string(job.group())] += 1;
        }
        out.jobs += batch.size();
        batch.ack();
        if (out.jobs >= look_at && served.size() == load.groups) {
            const auto [least, most] = std::minmax_element(
                served.begin(), served.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
            out.apart = std::max(out.apart, most->second - least->second);
            look_at += 10 * load.groups;
        }
    }
    consumer.flush();
    out.seconds = seconds_since(begin);
    return out;
}

void run(const Load& load) {
    fresh_queue(load);
    std::thread producer([&] { produce(load); });
    const Served together = work_off(load);
    producer.join();
    fresh_queue(load);
    const auto begin = Clock::now();
    produce(load);
    const double produced_in = seconds_since(begin);
    const Served backlog = work_off(load);
    baton::Client client = baton::Client::connect(load.server, {});
    const auto per_second = [&](double seconds) {
        return static_cast<std::uint64_t>(static_cast<double>(load.jobs) / seconds);
    };
    fmt::print(
        "{{\"jobs\":{},\"groups\":{},\"together_per_second\":{},\"produced_per_second\":{},\"backlog_per_second\":{},"
        "\"apart\":{},\"server_rss_bytes\":{}}}\n",
        load.jobs, load.groups, per_second(together.seconds), per_second(produced_in), per_second(backlog.seconds),
        backlog.apart, baton::Admin(client).server_status().rss_bytes);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: bench_groups HOST:PORT [JOBS] [GROUPS] [BATCH]\n");
        return 64;
    }
    try {
        Load load;
        load.server = argv[1];
        load.jobs = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : load.jobs;
        load.groups = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : load.groups;
        load.batch = argc > 4 ? static_cast<std::uint32_t>(std::strtoul(argv[4], nullptr, 10)) : load.batch;
        run(load);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "bench_groups: %s\n", failure.what());
        return 1;
    }
    return 0;
}
