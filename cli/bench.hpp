#pragma once
// The workloads of `baton bench`: each fills in what it measured; the command around them makes the queue, asks the
// daemon for its processor time before and after, and prints one JSON object.

#include "baton/baton.hpp"
#include "cli/command.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace baton::cli {

struct BenchOptions {
    std::string workload;
    std::uint64_t messages = 1'000'000;
    std::size_t size = 100;
    std::string queue;
    bool keep = false;
    std::uint32_t batch = 1'000;
    std::uint32_t connections = 8;
    std::uint64_t rate = 2'000;
    double seconds = 20;
    std::uint64_t lead_bytes = 8 * 1024 * 1024;
    std::uint32_t queues = 10'000;
    /// fan-out: subscriptions of the topic, a connection each.
    std::uint32_t subscriptions = 10;
    /// fan-out: these are of a pattern; so many others of patterns that do not match; listeners that take nothing.
    bool wildcards = false;
    std::uint32_t bystanders = 0, stuck_listeners = 0;
    /// many-queues: topics instead.
    bool topics = false;
    std::string raw_dir;
    /// jobs: handlers at once, deliveries waiting for them, and what the jobs have.
    std::uint32_t concurrency = 32, prefetch = 256;
    std::vector<std::string> mix;
    std::uint32_t groups = 10'000;
    /// jobs with `delay`: seconds from the start to the first that is due, and from there to the last.
    double due_after = 10, due_within = 10;
};

struct BenchResult {
    std::uint64_t messages = 0;
    double seconds = 0;
    /// Microseconds; sorted when printed. Empty = the workload has none.
    std::vector<std::uint32_t> latencies_us;
    /// The daemon just before and after what was measured, where a workload prepares or clears up by itself.
    std::optional<ServerStatus> before, after;
    /// Further fields of the report.
    std::vector<std::pair<std::string, double>> more;
};

/// Random payloads of one size, cut from a pool that was filled once, so that making them costs nothing.
/// Copies share the pool.
class PayloadPool {
public:
    explicit PayloadPool(std::size_t size);
    /// Lives as long as the pool and its copies.
    std::string_view next();

private:
    std::size_t size_;
    std::shared_ptr<const std::string> bytes_;
    std::size_t at_ = 0;
};

/// For one of many clients, which share a network thread, so that the machine's time goes to the broker and not to
/// waking threads of the bench.
ClientOptions sharing(const Context& context, const std::shared_ptr<IoThread>& io_thread);  // bench_latency.cpp
/// Produces `messages` in pipelined batches; returns after the last was confirmed.
void produce_all(const Client& client, const BenchOptions& options, PayloadPool& pool, std::uint64_t messages);
/// Consumes and acks `messages`.
void drain_all(const Client& client, const BenchOptions& options, std::uint64_t messages);

BenchResult bench_produce(const Context& context, const BenchOptions& options);
BenchResult bench_drain(const Context& context, const BenchOptions& options);
BenchResult bench_end_to_end(const Context& context, const BenchOptions& options);
BenchResult bench_many_queues(const Context& context, const BenchOptions& options);
/// A payload holds at least a time.
inline constexpr std::size_t jobs_size_min = sizeof(std::int64_t);
/// Produces jobs, then works them off; the report's rate is that of the work.
BenchResult bench_jobs(const Context& context, const BenchOptions& options);
BenchResult bench_sync_produce(const Context& context, const BenchOptions& options);
/// Messages of the report are deliveries.
BenchResult bench_fan_out(const Context& context, const BenchOptions& options);
BenchResult bench_latency(const Context& context, const BenchOptions& options);

}  // namespace baton::cli
