#pragma once
// How a Worker works, and what it tells while it does. Plain values.

#include "baton/batch.hpp"
#include "baton/limits.hpp"
#include "baton/outcome.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace baton {

class Job;

/// What a worker tells; each may be empty. Called on the client's I/O thread: be quick, and make no blocking call of
/// the library there.
struct WorkerEvents {
    using Ended = std::function<void(const Received&, const Outcome&)>;
    /// The server has the ack: the job is done for good.
    Ended completed;
    /// The server has the failure: the job is tried again later, or is in the failed set or the dead-letter queue.
    Ended failed;
    /// The lease was lost while the handler runs: another worker may have the message. Once for each job.
    std::function<void(const Received&)> stalled;
    /// How the job ended does not count, and why: its lease was lost before, or nobody answered.
    std::function<void(const Received&, const Error&)> refused;
    /// The last job has ended, and nothing else in the queue waits. Delayed messages, and those that other workers
    /// have, may still be there.
    std::function<void()> drained;
};

struct WorkerOptions {
    /// Handlers that run at a time; Worker::set_concurrency changes it.
    std::uint32_t concurrency = 1;
    /// Messages held beyond those being worked on. Raise it for short jobs; 0 keeps a slow job from holding a message
    /// that another worker could run.
    std::uint32_t prefetch = 0;
    /// How many jobs this worker begins; what it may not begin yet stays in the queue for others. For a limit of all
    /// workers together, set that of the queue. At most 1,000,000 permits, and as many saved up, in at most 31 days.
    RateLimit rate_limit = {};
    /// Absent = the queue's.
    std::optional<std::chrono::milliseconds> lease = {};
    /// Prolong the leases of what is held.
    bool extend_leases = true;
    /// How long after it began, or was prolonged, a lease is prolonged; at least 100 ms. Absent = a third of the lease,
    /// and never later than at two thirds.
    std::optional<std::chrono::milliseconds> extend_interval = {};
    /// Shown in histories; empty = client name and process id.
    std::string worker = {};
    /// In a queue with failover the highest goes first.
    std::uint32_t priority = 0;
    /// Told after each job, on the job's thread, with how its handler ended.
    std::function<void(const Job&, const Outcome&)> on_done = {};
    WorkerEvents events = {};
};

}  // namespace baton
