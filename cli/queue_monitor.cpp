// What is seen of a queue from outside: who consumes it, what is ready by priority, what ended by the minute.
#include "cli/command.hpp"
#include "cli/message_output.hpp"
#include "cli/units.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace baton::cli {

namespace {

/// connected, or how long what it holds is kept for it; declaring: its session is back, and it is about to be.
std::string state_of(const ConsumerInfo& consumer, std::int64_t now_ms) {
    if (consumer.connection != 0) {
        return "connected";
    }
    if (consumer.session_ends_ms == 0) {
        return "declaring";
    }
    const auto left = std::max<std::int64_t>(consumer.session_ends_ms - now_ms, 0);
    return fmt::format("away, {} left", format_duration(std::chrono::milliseconds(left)));
}

boost::json::object consumer_json(const ConsumerInfo& consumer, std::int64_t now_ms) {
    return {{"worker", consumer.worker},
            {"client", consumer.client},
            {"session", fmt::format("{:016x}", consumer.session)},
            {"consumer", consumer.consumer},
            {"connected", consumer.connection != 0},
            {"connection", consumer.connection},
            {"session_ends_at", time_json(consumer.session_ends_ms)},
            {"declared_at", time_json(consumer.declared_ms)},
            {"age_ms", now_ms - consumer.declared_ms},
            {"credit_messages", consumer.credit_messages},
            {"credit_bytes", consumer.credit_bytes},
            {"in_flight_messages", consumer.in_flight_messages},
            {"in_flight_bytes", consumer.in_flight_bytes},
            {"waiting_fetches", consumer.waiting_fetches},
            {"lease_ms", consumer.lease_ms}};
}

void show_consumer(const Context& context, const ConsumerInfo& consumer, std::int64_t now_ms) {
    if (context.json) {
        print_json(consumer_json(consumer, now_ms));
        return;
    }
    fmt::print("{:32} {:16x} {:>8} {:>9} {:>8} {:>9} {:>9}  {}\n", printable(consumer.worker, 32), consumer.session,
               consumer.consumer, consumer.in_flight_messages, consumer.credit_messages,
               format_duration(std::chrono::milliseconds(consumer.lease_ms)),
               format_duration(std::chrono::milliseconds(now_ms - consumer.declared_ms)), state_of(consumer, now_ms));
}

void add_consumers(CLI::App& parent, Context& context) {
    CLI::App* command = parent.add_subcommand("consumers", "Lists who consumes a queue now");
    const auto queue = std::make_shared<std::string>();
    const auto count = std::make_shared<std::uint64_t>(1'000);
    command->add_option("queue", *queue, "Name of the queue")->required();
    command->add_option("-n,--count", *count, "How many")->capture_default_str();
    command->footer(
        "Examples:\n  baton queue consumers emails\n  baton --output json queue consumers emails -n 100000");
    command->callback([&context, queue, count] {
        context.run = [&context, queue, count] {
            Client client = context.connect();
            Admin admin(client);
            if (!context.json) {
                fmt::print("{:32} {:>16} {:>8} {:>9} {:>8} {:>9} {:>9}  {}\n", "WORKER", "SESSION", "CONSUMER",
                           "IN FLIGHT", "CREDIT", "LEASE", "AGE", "STATE");
            }
            std::uint64_t left = *count;
            std::string cursor;
            do {
                const auto limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, 1'000));
                const ConsumerPage page = admin.list_consumers(*queue, cursor, limit);
                for (const ConsumerInfo& consumer : page.consumers) {
                    show_consumer(context, consumer, page.now_ms);
                }
                left -= std::min<std::uint64_t>(left, page.consumers.size());
                cursor = page.next;
            } while (left > 0 && !cursor.empty());
            return ExitCode::ok;
        };
    });
}

void add_priorities(CLI::App& parent, Context& context) {
    CLI::App* command = parent.add_subcommand("priorities", "Counts what is ready by priority, groups left out");
    const auto queue = std::make_shared<std::string>();
    const auto priorities = std::make_shared<std::vector<std::uint32_t>>();
    command->add_option("queue", *queue, "Name of the queue")->required();
    command->add_option("priority", *priorities, "Which, at most 100; 0 = none; without any: 0 to 10");
    command->footer("Examples:\n  baton queue priorities emails\n  baton queue priorities emails 0 1 5 1000");
    command->callback([&context, queue, priorities] {
        context.run = [&context, queue, priorities] {
            if (priorities->empty()) {
                priorities->resize(11);
                std::iota(priorities->begin(), priorities->end(), 0U);
            }
            Client client = context.connect();
            const std::vector<std::uint64_t> ready = Admin(client).count_priorities(*queue, *priorities);
            if (!context.json) {
                fmt::print("{:>10} {:>12}\n", "PRIORITY", "READY");
            }
            for (std::size_t i = 0; i < ready.size(); ++i) {
                if (context.json) {
                    print_json({{"priority", priorities->at(i)}, {"ready", ready[i]}});
                } else {
                    fmt::print("{:>10} {:>12}\n", priorities->at(i), ready[i]);
                }
            }
            return ExitCode::ok;
        };
    });
}

void show_minutes(const Context& context, const JobMetrics& metrics) {
    if (!context.json) {
        fmt::print("{:24} {:>10} {:>10}\n", "MINUTE", "COMPLETED", "FAILED");
    }
    std::int64_t at = metrics.newest_ms;
    for (const JobMetrics::Minute& minute : metrics.minutes) {
        if (context.json) {
            print_json({{"minute", format_time(at)}, {"completed", minute.completed}, {"failed", minute.failed}});
        } else {
            fmt::print("{:24} {:>10} {:>10}\n", format_time(at), minute.completed, minute.failed);
        }
        at -= 60'000;
    }
    if (!context.json) {
        fmt::print("{:24} {:>10} {:>10}\n", "since it was made", metrics.completed_total, metrics.failed_total);
    }
}

void add_metrics(CLI::App& parent, Context& context) {
    CLI::App* command = parent.add_subcommand("metrics", "Shows how many jobs completed and failed in each minute");
    const auto queue = std::make_shared<std::string>();
    const auto options = std::make_shared<MetricsOptions>();
    options->minutes = 10;
    command->add_option("queue", *queue, "Name of the queue, of profile job")->required();
    command->add_option("--minutes", options->minutes, "How many, at most 1440")->capture_default_str();
    command->add_option("--skip", options->skip, "Leave out so many, from the running one on");
    command->footer(
        "Examples:\n  baton queue metrics thumbnails\n  baton queue metrics thumbnails --minutes 60 --skip 1");
    command->callback([&context, queue, options] {
        context.run = [&context, queue, options] {
            Client client = context.connect();
            show_minutes(context, Admin(client).job_metrics(*queue, *options));
            return ExitCode::ok;
        };
    });
}

}  // namespace

void add_queue_monitor(CLI::App& queue, Context& context) {
    add_consumers(queue, context);
    add_priorities(queue, context);
    add_metrics(queue, context);
}

}  // namespace baton::cli
