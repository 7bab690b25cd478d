// bench_schedules: N schedules that are due at the same second, against a running daemon. Prints one JSON object: how
// long after that second the last message was stored, by the server's clock, and when the last one was delivered.
//
//   bench_schedules HOST:PORT [SCHEDULES] [SETUP_SECONDS]

#include "baton/schedules.hpp"

#include "baton/admin.hpp"
#include "baton/consumer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

constexpr const char* queue = "bench-schedules";
constexpr std::uint32_t connections = 32;

std::int64_t wall_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// Makes the schedules over several connections, so that they share fsyncs.
void make(const std::string& server, std::uint32_t schedules, std::int64_t due_ms) {
    std::vector<std::thread> threads;
    std::atomic<std::uint32_t> next{0};
    for (std::uint32_t i = 0; i < connections; ++i) {
        threads.emplace_back([&] {
            baton::Client client = baton::Client::connect(server, {});
            baton::Schedules all(client);
            baton::Schedule schedule;
            schedule.queue = queue;
            schedule.timing = baton::every(24h);
            schedule.timing.anchor_ms = due_ms;
            schedule.message.payload = std::string(100, 'x');
            for (std::uint32_t n = next++; n < schedules; n = next++) {
                all.upsert(fmt::format("bench-{:07}", n), schedule);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

void run(const std::string& server, std::uint32_t schedules, std::int64_t setup_s) {
    baton::Client client = baton::Client::connect(server, {});
    baton::Admin(client).create_queue(queue);
    const std::int64_t due_ms = (wall_ms() / 1'000 + setup_s) * 1'000;
    make(server, schedules, due_ms);
    const std::int64_t spare_ms = due_ms - wall_ms();
    if (spare_ms < 1'000) {
        throw std::runtime_error("making the schedules took too long: give more SETUP_SECONDS");
    }
    baton::Consumer consumer(client, queue, {.credit_messages = 65'536, .report_started = false});
    std::set<std::string> fired;
    std::int64_t first_stored = INT64_MAX, last_stored = 0, last_delivered = 0;
    std::uint64_t messages = 0;
    while (messages < schedules) {
        const baton::Batch batch = consumer.receive_batch(10'000, std::chrono::milliseconds(spare_ms + 30'000));
        if (batch.empty()) {
            break;
        }
        for (const baton::MessageView message : batch) {
            fired.insert(message.scheduled()->schedule);
            first_stored = std::min(first_stored, message.stored_ms());
            last_stored = std::max(last_stored, message.stored_ms());
        }
        messages += batch.size();
        last_delivered = wall_ms();
        batch.ack();
    }
    const bool silent = consumer.receive_batch(1, 500ms).empty();
    consumer.flush();
    fmt::print(
        "{{\"schedules\":{},\"messages\":{},\"each_once\":{},\"first_stored_ms\":{},\"last_stored_ms\":{},"
        "\"last_delivered_ms\":{},\"made_per_second\":{},\"server_rss_bytes\":{}}}\n",
        schedules, messages, silent && fired.size() == schedules && messages == schedules, first_stored - due_ms,
        last_stored - due_ms, last_delivered - due_ms, schedules * 1'000 / (setup_s * 1'000 - spare_ms),
        baton::Admin(client).server_status().rss_bytes);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: bench_schedules HOST:PORT [SCHEDULES] [SETUP_SECONDS]\n");
        return 64;
    }
    try {
        run(argv[1], argc > 2 ? static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10)) : 100'000,
            argc > 3 ? std::strtol(argv[3], nullptr, 10) : 60);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "bench_schedules: %s\n", failure.what());
        return 1;
    }
    return 0;
}
