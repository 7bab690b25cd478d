#pragma once
// The inside of a Worker: its consumer, its handler threads, and the look after leases on the client's I/O thread.
//   worker_core.cpp    threads, running a job, stopping
//   worker_leases.cpp  prolonging leases, and those that are lost
//   worker_settle.cpp  how the end of a job is told to the server, and the server's answer to the application

#include "baton/worker.hpp"
#include "client/client_core.hpp"
#include "client/consumer_core.hpp"
#include "client/job_gate.hpp"

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
    /// It waits for its children: how its handler ends changes nothing.
    mutable std::atomic<bool> given_up{false};
    const Received* received = nullptr;
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
    void set_concurrency(std::uint32_t concurrency);

    std::uint32_t running() const;
    std::uint64_t finished() const { return finished_; }
    std::uint64_t failed() const { return failed_; }

private:
    void run_jobs();
    void run(const Received& received);
    Outcome call_handler(Job& job);
    void add_threads(std::uint32_t wanted);
    void adjust_credit();
    void adjust_credit_at(TimePoint time);
    ConsumerOptions consumer_options();

    void look_after_leases();
    void on_extended(std::uint64_t batch, const Result<SettleReport>& result);
    void on_revoked(const LeaseRevocation& revoked);
    /// What is returned is told when the lock is not held.
    static std::optional<Received> lose(JobState& job, bool cancelled);
    void tell_stalled(const std::vector<Received>& lost) const;

    void settle(const Received& received, Outcome&& outcome);
    SettleCallback on_settled(const Received& received, const Outcome& outcome);
    void tell_settled(const Received& received, const Outcome& outcome, const Result<SettleReport>& result);
    void ask_whether_drained();
    bool on_queue_shown(std::uint64_t question, const Result<Reply>& reply);

    // Constant after construction.
    const std::shared_ptr<ClientCore> client_;
    const std::string queue_name_;
    const Worker::Handler handler_;
    const WorkerOptions options_;
    /// Set when it starts; what the consumer calls back holds on to it alone.
    const std::shared_ptr<std::weak_ptr<WorkerCore>> self_ = std::make_shared<std::weak_ptr<WorkerCore>>();
    JobGate gate_;
    const std::shared_ptr<ConsumerCore> consumer_;

    std::atomic<bool> stopping_{false};
    std::atomic<bool> extending_{true};
    std::atomic<std::uint64_t> finished_{0};
    std::atomic<std::uint64_t> failed_{0};
    /// I/O thread: the number of the last question whether the queue is drained.
    std::uint64_t questions_ = 0;

    std::mutex credit_mutex_;  // Guards up to the blank line.
    std::uint32_t credit_ = 0;
    bool credit_timer_ = false;

    mutable std::mutex mutex_;  // Guards all below.
    std::vector<std::thread> threads_;
    std::condition_variable idle_;
    /// By offset: all messages of a worker are of one queue.
    std::multimap<std::uint64_t, JobState*> jobs_;
    /// Revoked between being handed out and being begun, by delivery and offset: whether by a cancel.
    std::map<std::pair<std::uint64_t, std::uint64_t>, bool> revoked_early_;
    std::uint32_t threads_left_ = 0;
};

}  // namespace baton::detail
