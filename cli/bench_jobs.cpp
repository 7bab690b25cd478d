// `bench jobs`: jobs with everything that a job may have, produced in batches and worked off by a Worker.
#include "cli/bench.hpp"
#include "cli/first_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <random>
#include <stdexcept>

namespace baton::cli {

namespace {

using Clock = std::chrono::steady_clock;

std::int64_t unix_us() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

double seconds_from(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

/// What the jobs of a run have, by the words of --mix.
struct Mix {
    explicit Mix(const std::vector<std::string>& words) {
        for (const std::string& word : words) {
            priority = priority || word == "priority";
            delay = delay || word == "delay";
            group = group || word == "group";
            result = result || word == "result";
        }
    }
    bool priority = false, delay = false, group = false, result = false;
};

/// Each payload begins with the time in microseconds since 1970 before which its job must not run; 0 = none.
class JobSource {
public:
    JobSource(const BenchOptions& options, const Mix& mix, std::int64_t first_due_us)
        : options_(options), mix_(mix), first_due_us_(first_due_us), payload_(options.size, 'x') {}

    void add_to(EncodedBatch& batch) {
        MessageOptions job;
        std::int64_t due_us = 0;
        if (mix_.priority) {
            job.priority = static_cast<std::uint32_t>(random_() % 100 + 1);
        }
        if (mix_.delay) {
            const auto spread_ms = static_cast<std::uint64_t>(options_.due_within * 1'000) + 1;
            job.due_ms = first_due_us_ / 1'000 + static_cast<std::int64_t>(random_() % spread_ms);
            due_us = *job.due_ms * 1'000;
        }
        if (mix_.group) {
            job.group = fmt::format("group-{}", made_ % options_.groups);
        }
        std::memcpy(payload_.data(), &due_us, sizeof due_us);
        batch.add(payload_, {}, {}, job);
        made_ += 1;
    }

private:
    const BenchOptions& options_;
    const Mix& mix_;
    std::int64_t first_due_us_;
    std::string payload_;
    std::mt19937_64 random_{7};
    std::uint64_t made_ = 0;
};

void produce_jobs(const Client& client, const BenchOptions& options, JobSource& jobs) {
    FirstError errors;
    Producer producer(client, options.queue);
    for (std::uint64_t left = options.messages; left > 0;) {
        const std::uint64_t count = std::min<std::uint64_t>(left, options.batch);
        EncodedBatch batch = producer.new_batch();
        for (std::uint64_t i = 0; i < count; ++i) {
            jobs.add_to(batch);
        }
        producer.send_batch(std::move(batch), errors.watch());
        left -= count;
        errors.check();
    }
    producer.flush(std::chrono::minutes(10));
    errors.check();
}

/// Counts jobs and notes how late each with a due time came; any thread.
class Arrivals {
public:
    Arrivals(std::uint64_t expected, bool with_lateness) : expected_(expected) {
        late_us_.resize(with_lateness ? expected : 0);
    }
    void came(std::string_view payload) {
        std::int64_t due_us = 0;
        std::memcpy(&due_us, payload.data(), sizeof due_us);
        const std::int64_t late = due_us == 0 ? 0 : unix_us() - due_us;
        early_ += late < 0 ? 1 : 0;
        const std::uint64_t at = count_.fetch_add(1);
        if (at < late_us_.size()) {
            late_us_[at] = static_cast<std::uint32_t>(std::clamp<std::int64_t>(late, 0, UINT32_MAX));
        }
        if (at + 1 == expected_) {
            count_.notify_all();
        }
    }
    void wait() {
        for (std::uint64_t seen = count_; seen < expected_; seen = count_) {
            count_.wait(seen);
        }
    }
    std::uint64_t early() const { return early_; }
    std::vector<std::uint32_t> lateness_us() { return std::move(late_us_); }

private:
    std::uint64_t expected_;
    std::atomic<std::uint64_t> count_{0}, early_{0};
    std::vector<std::uint32_t> late_us_;
};

void work_off(const Client& client, const BenchOptions& options, const Mix& mix, Arrivals& arrivals) {
    WorkerOptions worker;
    worker.concurrency = options.concurrency;
    worker.prefetch = options.prefetch;
    Worker workers(
        client, options.queue,
        [&](Job& job) {
            arrivals.came(job.payload());
            return mix.result ? Outcome::ok(JobResult{"done", "text/plain"}) : Outcome::ok();
        },
        worker);
    arrivals.wait();
    if (!workers.stop(std::chrono::minutes(1))) {
        throw std::runtime_error("the acks of the last jobs were not answered within a minute");
    }
}

}  // namespace

BenchResult bench_jobs(const Context& context, const BenchOptions& options) {
    const Mix mix(options.mix);
    Client client = context.connect();
    Admin admin(client);
    BenchResult result;
    result.messages = options.messages;
    JobSource jobs(options, mix, unix_us() + static_cast<std::int64_t>(options.due_after * 1e6));
    result.before = admin.server_status();
    auto began = Clock::now();
    produce_jobs(client, options, jobs);
    const double producing = seconds_from(began);
    const ServerStatus between = admin.server_status();
    Arrivals arrivals(options.messages, mix.delay);
    began = Clock::now();
    work_off(client, options, mix, arrivals);
    result.seconds = seconds_from(began);
    result.after = admin.server_status();
    const double millions = static_cast<double>(options.messages) / 1e6;
    result.more = {{"produced_per_second", static_cast<double>(options.messages) / producing},
                   {"produce_cpu_seconds_per_million", (between.cpu_seconds - result.before->cpu_seconds) / millions},
                   {"rss_bytes_when_produced", static_cast<double>(between.rss_bytes)},
                   {"early", static_cast<double>(arrivals.early())}};
    result.before = between;  // What is told of the server is of the work alone.
    result.latencies_us = arrivals.lateness_us();
    return result;
}

}  // namespace baton::cli
