#include "cli/bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <exception>
#include <future>
#include <memory>
#include <thread>

namespace baton::cli {

ClientOptions sharing(const Context& context, const std::shared_ptr<IoThread>& io_thread) {
    ClientOptions options;
    options.namespace_name = context.name_space;
    options.io_thread = io_thread;
    return options;
}

namespace {

using Clock = std::chrono::steady_clock;

std::uint32_t us_since(Clock::time_point began) {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began).count());
}

std::int64_t clock_ns() { return Clock::now().time_since_epoch().count(); }

/// One connection of sync-produce: a message leaves when the one before it is durable. The connections share one
/// network thread, so that the machine's time goes to the broker and not to waking threads of the bench.
class SyncLane {
public:
    SyncLane(const Context& context, const std::shared_ptr<IoThread>& io_thread, const BenchOptions& options,
             std::uint64_t messages)
        : client_(Client::connect(context.server, sharing(context, io_thread))),
          producer_(client_, options.queue),
          pool_(options.size),
          left_(messages) {
        latencies_us_.reserve(left_);
    }

    /// Returns what is ready when the last message is durable, or with the error that ended it.
    std::future<void> run() {
        if (left_ == 0) {
            finished_.set_value();
        } else {
            send();
        }
        return finished_.get_future();
    }
    const std::vector<std::uint32_t>& latencies_us() const { return latencies_us_; }

private:
    void send() {
        sent_ = Clock::now();
        EncodedBatch batch = producer_.new_batch();
        batch.add(pool_.next());
        producer_.send_batch(std::move(batch), [this](const Result<BatchReceipt>& result) { confirmed(result); });
    }

    void confirmed(const Result<BatchReceipt>& result) {
        latencies_us_.push_back(us_since(sent_));
        if (!result) {
            finished_.set_exception(std::make_exception_ptr(Exception(result.error())));
        } else if (--left_ == 0) {
            finished_.set_value();
        } else {
            send();
        }
    }

    Client client_;
    Producer producer_;
    PayloadPool pool_;
    std::uint64_t left_;
    Clock::time_point sent_{};
    std::vector<std::uint32_t> latencies_us_;
    std::promise<void> finished_;
};

}  // namespace

/// Connections that each produce one message, wait until it is durable, and go on with the next.
BenchResult bench_sync_produce(const Context& context, const BenchOptions& options) {
    const auto io_thread = std::make_shared<IoThread>();
    std::vector<std::unique_ptr<SyncLane>> lanes;
    for (std::uint32_t i = 0; i < options.connections; ++i) {
        const std::uint64_t rest = i < options.messages % options.connections ? 1 : 0;
        lanes.push_back(
            std::make_unique<SyncLane>(context, io_thread, options, options.messages / options.connections + rest));
    }
    const auto began = Clock::now();
    std::vector<std::future<void>> ends;
    for (const auto& lane : lanes) {
        ends.push_back(lane->run());
    }
    // All of them before the first error is thrown: the lanes that still run use what this function owns.
    for (const std::future<void>& end : ends) {
        end.wait();
    }
    for (std::future<void>& end : ends) {
        end.get();
    }
    BenchResult result;
    result.seconds = us_since(began) / 1e6;
    for (const auto& lane : lanes) {
        result.latencies_us.insert(result.latencies_us.end(), lane->latencies_us().begin(), lane->latencies_us().end());
    }
    result.messages = result.latencies_us.size();
    return result;
}

/// A steady rate of single messages; the time from produce to receipt is in the payload.
BenchResult bench_latency(const Context& context, const BenchOptions& options) {
    Client producing = context.connect();
    Client consuming = context.connect();
    ConsumerOptions consumer_options;
    consumer_options.credit_messages = 1'000;
    consumer_options.report_started = false;
    Consumer consumer(consuming, options.queue, consumer_options);
    BenchResult result;
    result.latencies_us.reserve(options.messages);
    std::thread receiver([&] {
        while (result.latencies_us.size() < options.messages) {
            const Batch batch = consumer.receive_batch(1'000, std::chrono::seconds(10));
            if (batch.empty()) {
                return;
            }
            const std::int64_t now = clock_ns();
            for (const MessageView message : batch) {
                std::int64_t sent = 0;
                std::memcpy(&sent, message.payload().data(), sizeof sent);
                result.latencies_us.push_back(static_cast<std::uint32_t>((now - sent) / 1'000));
            }
            batch.ack();
        }
    });
    Producer producer(producing, options.queue);
    PayloadPool pool(std::max(options.size, sizeof(std::int64_t)));
    std::string payload;
    const auto began = Clock::now();
    const auto step = std::chrono::nanoseconds(1'000'000'000 / std::max<std::uint64_t>(options.rate, 1));
    for (std::uint64_t n = 0; n < options.messages; ++n) {
        std::this_thread::sleep_until(began + n * step);
        const std::int64_t now = clock_ns();
        payload = pool.next();
        std::memcpy(payload.data(), &now, sizeof now);
        EncodedBatch batch = producer.new_batch();
        batch.add(payload);
        producer.send_batch(std::move(batch));
    }
    producer.flush();
    receiver.join();
    result.messages = result.latencies_us.size();
    result.seconds = us_since(began) / 1e6;
    if (result.messages != options.messages) {
        throw std::runtime_error(fmt::format("only {} of {} messages came", result.messages, options.messages));
    }
    return result;
}

}  // namespace baton::cli
