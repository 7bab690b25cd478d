#include "cli/bench.hpp"

#include "cli/message_output.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace baton::cli {

namespace {

BenchResult run_workload(const Context& context, const BenchOptions& options) {
    const std::string& name = options.workload;
    if (name == "drain") {
        return bench_drain(context, options);
    }
    if (name == "end-to-end") {
        return bench_end_to_end(context, options);
    }
    if (name == "sync-produce") {
        return bench_sync_produce(context, options);
    }
    if (name == "latency") {
        return bench_latency(context, options);
    }
    if (name == "many-queues") {
        return bench_many_queues(context, options);
    }
    if (name == "fan-out") {
        return bench_fan_out(context, options);
    }
    if (name == "jobs") {
        return bench_jobs(context, options);
    }
    return bench_produce(context, options);  // produce, and backlog, which keeps what it made
}

std::uint32_t percentile(const std::vector<std::uint32_t>& sorted, double part) {
    const auto at = static_cast<std::size_t>(part * static_cast<double>(sorted.size()));
    return sorted[std::min(at, sorted.size() - 1)];
}

boost::json::object report(const BenchOptions& options, BenchResult& result, const ServerStatus& before,
                           const ServerStatus& after) {
    const double per_million = 1e6 / static_cast<double>(std::max<std::uint64_t>(result.messages, 1));
    boost::json::object out{{"workload", options.workload},
                            {"messages", result.messages},
                            {"size", options.size},
                            {"batch", options.batch},
                            {"seconds", result.seconds},
                            {"messages_per_second", static_cast<double>(result.messages) / result.seconds},
                            {"server_cpu_seconds_per_million", (after.cpu_seconds - before.cpu_seconds) * per_million},
                            {"server_rss_bytes", after.rss_bytes},
                            {"server_commits", after.commits - before.commits}};
    for (const auto& [name, value] : result.more) {
        out[name] = value;
    }
    if (!result.latencies_us.empty()) {
        std::sort(result.latencies_us.begin(), result.latencies_us.end());
        out["p50_us"] = percentile(result.latencies_us, 0.5);
        out["p99_us"] = percentile(result.latencies_us, 0.99);
        out["p999_us"] = percentile(result.latencies_us, 0.999);
    }
    return out;
}

void print_report(const Context& context, const boost::json::object& out) {
    if (context.json) {
        print_json(out);
        return;
    }
    for (const auto& field : out) {
        fmt::print("{:32} {}\n", std::string(field.key()), boost::json::serialize(field.value()));
    }
}

/// `raw` needs the storage engine, which the command line does not link: a program beside it does.
ExitCode run_raw(const BenchOptions& options) {
    const auto self = std::filesystem::read_symlink("/proc/self/exe");
    const std::string program = (self.parent_path() / "bench_raw").string();
    const std::string messages = std::to_string(options.messages), size = std::to_string(options.size);
    ::execl(program.c_str(), program.c_str(), messages.c_str(), size.c_str(), options.raw_dir.c_str(),
            static_cast<char*>(nullptr));
    throw std::runtime_error("cannot start " + program + ": build the tests to get it");
}

/// A queue that is there with settings of its own is what the caller wants measured.
void make_queue(const Client& client, Admin& admin, const BenchOptions& options) {
    if (options.workload == "fan-out") {
        Topics(client).create(options.queue, {.topic = {.retention = {}, .interest = true}, .settings = {}});
        return;
    }
    if (options.queue.find('/') != std::string::npos) {
        return;  // A subscription is made with its topic.
    }
    CreateOptions queue;
    if (options.workload == "jobs") {
        queue.profile = Profile::job;
        const bool grouped = std::find(options.mix.begin(), options.mix.end(), "group") != options.mix.end();
        queue.settings.group_max_in_flight = grouped ? std::optional<std::uint32_t>(1) : std::nullopt;
    }
    try {
        admin.create_queue(options.queue, queue);
    } catch (const Exception& failure) {
        if (failure.code() != ErrorCode::queue_exists) {
            throw;
        }
    }
}

/// What the bench has made for itself, also when it failed halfway.
void remove_queues(const Client& client, Admin& admin, const BenchOptions& options, bool own) {
    if (options.keep || !own) {
        return;
    }
    try {
        if (options.workload == "fan-out") {
            Topics(client).remove(options.queue);
            return;
        }
        if (options.workload != "many-queues") {
            admin.delete_queue(options.queue);
            return;
        }
        for (const QueueInfo& topic : Topics(client).list(options.queue + ".")) {
            Topics(client).remove(topic.name);
        }
        for (const QueueInfo& queue : admin.list_all_queues(options.queue + ".")) {
            admin.delete_queue(queue.name);
        }
    } catch (const Exception& failure) {
        fmt::print(stderr, "baton: the queues of the bench are still there: {}\n", failure.what());
    }
}

ExitCode run_bench(const Context& context, BenchOptions& options) {
    if (options.workload == "raw") {
        return run_raw(options);
    }
    const bool own = options.queue.empty();
    if (own) {
        options.queue = fmt::format("bench-{}-{}", options.workload, ::getpid());
    }
    Client client = context.connect();
    Admin admin(client);
    try {
        if (options.workload != "many-queues") {
            make_queue(client, admin, options);
        }
        const ServerStatus before = admin.server_status();
        BenchResult result = run_workload(context, options);
        const ServerStatus after = admin.server_status();
        print_report(context, report(options, result, result.before.value_or(before), result.after.value_or(after)));
    } catch (...) {
        remove_queues(client, admin, options, own);
        throw;
    }
    remove_queues(client, admin, options, own);
    return ExitCode::ok;
}

void add_jobs_options(CLI::App& command, BenchOptions& options) {
    command.add_option("--concurrency", options.concurrency, "jobs: handlers at once")
        ->check(CLI::Range(1, 1'024))
        ->capture_default_str();
    command.add_option("--prefetch", options.prefetch, "jobs: deliveries that wait for a handler")
        ->check(CLI::Range(0, 32'768))
        ->capture_default_str();
    command
        .add_option("--mix", options.mix, "jobs: what they have; latencies are then how late jobs with `delay` came")
        ->delimiter(',')
        ->check(CLI::IsMember({"priority", "delay", "group", "result"}));
    command.add_option("--groups", options.groups, "jobs: groups of the mix `group`, one job of each in flight")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command.add_option("--due-after", options.due_after, "jobs: seconds until the first with `delay` is due")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command.add_option("--due-within", options.due_within, "jobs: seconds from the first that is due to the last")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
}

}  // namespace

void add_bench(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("bench", "Measures the broker with a load of its own");
    const auto options = std::make_shared<BenchOptions>();
    command->add_option("workload", options->workload, "What to measure")
        ->required()
        ->check(CLI::IsMember({"produce", "drain", "end-to-end", "sync-produce", "latency", "backlog", "many-queues",
                               "jobs", "fan-out", "raw"}));
    command->add_option("--messages", options->messages, "How many messages")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--size", options->size, "Payload bytes")->capture_default_str();
    command->add_option("--queue", options->queue, "Queue to use; one of its own when not given");
    command->add_flag("--keep", options->keep, "Leave the queue and what is in it");
    command->add_option("--batch", options->batch, "Messages a produce")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    command->add_option("--connections", options->connections, "sync-produce: connections")
        ->check(CLI::Range(1, 1'000))
        ->capture_default_str();
    command->add_option("--rate", options->rate, "latency: messages a second")->capture_default_str();
    command->add_option("--seconds", options->seconds, "end-to-end: how long to produce")->capture_default_str();
    command
        ->add_option("--lead-bytes", options->lead_bytes,
                     "end-to-end: how far the producer may be ahead of the consumer's acks")
        ->capture_default_str();
    command->add_option("--subscriptions", options->subscriptions, "fan-out: subscriptions, a connection each")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    command->add_flag("--wildcards", options->wildcards, "fan-out: they are of a pattern");
    command
        ->add_option("--bystanders", options->bystanders,
                     "fan-out: so many other subscriptions, of patterns that do not match")
        ->capture_default_str();
    command->add_option("--stuck-listeners", options->stuck_listeners, "fan-out: listeners that take nothing")
        ->check(CLI::Range(0, 1'000))
        ->capture_default_str();
    command->add_flag("--topics", options->topics, "many-queues: topics instead");
    command->add_option("--queues", options->queues, "many-queues: how many")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    add_jobs_options(*command, *options);
    command->add_option("--raw-dir", options->raw_dir, "raw: directory for its database; temporary when not given");
    command->footer(
        "Examples:\n  baton --output json bench produce --messages 5000000 --size 100\n"
        "  baton --output json bench end-to-end --seconds 20\n"
        "  baton --output json bench sync-produce --connections 8 --messages 100000\n"
        "  baton --output json bench latency --rate 2000 --messages 20000\n"
        "  baton --output json bench jobs --messages 1000000 --concurrency 32 --prefetch 256 --mix priority,result");
    command->callback([&context, options] {
        if (options->workload == "jobs" && options->size < jobs_size_min) {
            throw CLI::ValidationError("--size", "jobs carry their due time: at least 8 bytes");
        }
        context.run = [&context, options] { return run_bench(context, *options); };
    });
}

}  // namespace baton::cli
