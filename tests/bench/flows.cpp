// bench_flows: flows of one parent and a few children over two queues, through a running daemon: added, children and
// then parents worked off, all at once. Prints one JSON object: flows a second from the first request to the last ack
// of a parent.
//
//   bench_flows HOST:PORT [FLOWS] [CHILDREN] [CLIENTS]

#include "baton/flows.hpp"

#include "baton/admin.hpp"
#include "baton/consumer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* parents_queue = "bench-flow-parents";
constexpr const char* children_queue = "bench-flow-children";
constexpr std::uint64_t jobs_per_request = 1'000;

struct Load {
    std::string server;
    std::uint64_t flows = 100'000;
    std::uint64_t children = 10;
    std::uint64_t clients = 2;
};

void fresh_queues(const Load& load) {
    baton::Client client = baton::Client::connect(load.server, {});
    baton::Admin admin(client);
    for (const char* queue : {parents_queue, children_queue}) {
        try {
            admin.delete_queue(queue);
        } catch (const baton::Exception& failure) {
            if (failure.code() != baton::ErrorCode::queue_not_found) {
                throw;
            }
        }
        admin.create_queue(queue, {.profile = baton::Profile::job, .settings = {}});
    }
}

/// Adds flows until none is left; several in a request.
void add_flows(const Load& load, std::atomic<std::int64_t>& left) {
    baton::Client client = baton::Client::connect(load.server, {});
    baton::Flows flows(client);
    const baton::Message message{std::string(100, 'x'), {}, {}, {}};
    const auto at_once = static_cast<std::int64_t>(jobs_per_request / (load.children + 1));
    for (std::int64_t before = left.fetch_sub(at_once); before > 0; before = left.fetch_sub(at_once)) {
        baton::Flow some;
        for (std::int64_t i = 0; i < std::min(before, at_once); ++i) {
            const baton::Flow::Job parent = some.add(parents_queue, message);
            for (std::uint64_t child = 0; child < load.children; ++child) {
                some.add(children_queue, message, {parent});
            }
        }
        flows.add(some);
    }
}

void work_off(const Load& load, const char* queue, std::uint64_t jobs) {
    baton::Client client = baton::Client::connect(load.server, {});
    baton::Consumer consumer(client, queue, {.credit_messages = 16'384, .report_started = false});
    for (std::uint64_t done = 0; done < jobs;) {
        const baton::Batch batch = consumer.receive_batch(10'000, 30s);
        if (batch.empty()) {
            throw std::runtime_error("nothing came for 30 s");
        }
        done += batch.size();
        batch.ack();
    }
    consumer.flush();
}

void run(const Load& load) {
    fresh_queues(load);
    std::atomic<std::int64_t> left{static_cast<std::int64_t>(load.flows)};
    const auto begin = Clock::now();
    std::vector<std::thread> threads;
    for (std::uint64_t i = 0; i < load.clients; ++i) {
        threads.emplace_back([&] { add_flows(load, left); });
    }
    threads.emplace_back([&] { work_off(load, children_queue, load.flows * load.children); });
    work_off(load, parents_queue, load.flows);
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    for (std::thread& thread : threads) {
        thread.join();
    }
    baton::Client client = baton::Client::connect(load.server, {});
    fmt::print("{{\"flows\":{},\"children\":{},\"flows_per_second\":{},\"server_rss_bytes\":{}}}\n", load.flows,
               load.children, static_cast<std::uint64_t>(static_cast<double>(load.flows) / seconds),
               baton::Admin(client).server_status().rss_bytes);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: bench_flows HOST:PORT [FLOWS] [CHILDREN] [CLIENTS]\n");
        return 64;
    }
    try {
        const auto argument = [&](int at, std::uint64_t fallback) {
            return argc > at ? std::strtoull(argv[at], nullptr, 10) : fallback;
        };
        Load load;
        load.server = argv[1];
        load.flows = argument(2, load.flows);
        load.children = std::min<std::uint64_t>(argument(3, load.children), jobs_per_request - 1);
        load.clients = argument(4, load.clients);
        run(load);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "bench_flows: %s\n", failure.what());
        return 1;
    }
    return 0;
}
