#pragma once
// The inside of a Worker: its consumer, its handler threads, and the look after leases on the client's I/O thread.

#include "baton/worker.hpp"
#include "client/client_core.hpp"
#include "client/consumer_core.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace baton::detail {

/// What a handler can learn while it runs.
struct JobState {
    std::atomic<bool> lease_lost{false};
    std::atomic<bool> cancelled{false};
    std::stop_source stop;
    /// The number of its delivery.
    std::uint64_t batch = 0;
    const std::atomic<bool>* stopping = nullptr;
};

class WorkerCore : public std::enable_shared_from_this<WorkerCore> {
public:
    WorkerCore(std::shared_ptr<ClientCore> client, const std::string& queue, Worker::Handler handler,
               WorkerOptions options);

    /// Opens the consumer and starts the threads; throws.
    void start();
    /// Takes no more messages and gives back those not begun. Leases of running handlers are still prolonged.
    void begin_stop();
    bool stop(std::chrono::milliseconds deadline);
    /// Waits for the threads and closes the consumer. After it nothing runs.
    void join();

    std::uint32_t running() const;
    std::uint64_t finished() const { return finished_; }
    std::uint64_t failed() const { return failed_; }

private:
    void run_jobs();
    void run(const Received& received);
    Outcome call_handler(Job& job);
    void look_after_leases();
    void on_extended(const Result<SettleReport>& result);
    void on_revoked(const LeaseRevocation& revoked);
    static void stop(JobState& job, bool cancelled);
    ConsumerOptions consumer_options();

    // Constant after construction.
    const std::shared_ptr<ClientCore> client_;
    const Worker::Handler handler_;
    const WorkerOptions options_;
    /// Set when it starts; what the consumer calls back holds on to it alone.
    const std::shared_ptr<std::weak_ptr<WorkerCore>> self_ = std::make_shared<std::weak_ptr<WorkerCore>>();
    const std::shared_ptr<ConsumerCore> consumer_;

    std::vector<std::thread> threads_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> extending_{true};
    std::atomic<std::uint64_t> finished_{0};
    std::atomic<std::uint64_t> failed_{0};

    mutable std::mutex mutex_;  // Guards all below.
    std::condition_variable idle_;
    /// By offset: all messages of a worker are of one queue.
    std::multimap<std::uint64_t, JobState*> jobs_;
    /// Revoked between being handed out and being begun, by delivery and offset: whether by a cancel.
    std::map<std::pair<std::uint64_t, std::uint64_t>, bool> revoked_early_;
    std::uint32_t threads_left_ = 0;
};

}  // namespace baton::detail
