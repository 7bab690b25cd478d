#pragma once
// Owns the core on its thread: drains the inbox, applies each request at one `now`, runs due timers, seals the round,
// has the committer write it, and hands the effects out once they are durable. While one commit is on its way to disk
// the core builds the next; one commit is in flight at a time.
//
// Three threads: core, committer, reader. submit() may be called from any thread.

#include "server/core/core.hpp"
#include "storage/store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace baton::engine {

/// Receives effects in order, on the committer's thread, after their commit is durable. Must not block: it hands them
/// to the I/O threads. Also called, on any engine thread, when the engine has failed.
struct EngineSink {
    std::function<void(std::vector<core::Effect>&&)> effects;
    /// Storage failed or the engine is broken: nothing more is answered. The daemon exits with 74.
    std::function<void(const std::string& reason)> failed;
};

struct EngineOptions {
    /// Body bytes that may wait in the inbox before submit() asks for back-pressure.
    std::size_t inbox_bytes_max = 8 * 1024 * 1024;
    bool adaptive_linger = true;
    /// Go on from the time of the last commit when the system clock is far behind it.
    bool accept_clock = false;
    /// What is still on its way to or from the disk when the engine stops is waited for, but not for ever.
    std::int64_t stop_wait_ms = 2'000;
    /// For crash tests, see kill_point.hpp; empty for none.
    std::string kill_point;
    core::CoreOptions core;
};

/// What readiness, metrics and `baton ping` show. Monotonic counters unless said otherwise.
struct EngineStatus {
    std::uint64_t rounds = 0, commits = 0, synced_commits = 0, requests = 0, effects = 0, committed_bytes = 0;
    /// Microseconds, of the last commit and the longest so far.
    std::uint64_t last_commit_us = 0, max_commit_us = 0;
    /// How long the commit in flight has lasted; 0 when none. Now.
    std::uint64_t commit_in_flight_us = 0;
    /// How late the earliest due timer is; 0 when none is late. Now.
    std::uint64_t timer_late_ms = 0;
    /// Since the core thread last went around. Now.
    std::uint64_t core_idle_us = 0;
    std::size_t inbox_bytes = 0;
    storage::SpaceState space = storage::SpaceState::ample;
    std::uint64_t queues = 0;
    core::TimeMs broker_time = 0;
};

class Engine {
public:
    /// Loads the core from the store. The store must outlive the engine. Throws ClockError (broker_clock.hpp),
    /// storage::StorageFailure, and std::invalid_argument for a bad kill point.
    Engine(storage::Store& store, EngineOptions options, EngineSink sink);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    void start();
    /// Takes a request with about `bytes` of bodies; submitted() has it taken up. False: the inbox is above its bound;
    /// the request was taken, but the caller should stop reading until `resume` is called (once, from an engine
    /// thread).
    bool submit(core::Request&& request, std::size_t bytes, std::function<void()> resume = {});

    /// Has what was submitted so far taken up: once for many requests, since waking a thread costs more than a request.
    void submitted();

    /// No further deliveries; produces and settles are still answered.
    void stop_delivering();
    /// Answers what is in the inbox, commits, stops the threads. After it no effects come.
    void stop();

    EngineStatus status() const;
    std::uint64_t epoch() const;
    /// All queues as `show` sees them; asks the core thread and waits for it, at most `timeout_ms`. Empty on timeout.
    std::vector<core::QueueInfo> queue_infos(std::int64_t timeout_ms);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace baton::engine
