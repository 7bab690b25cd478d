#pragma once
// Prolongs the leases of messages that are being worked on, from a thread of its own, so that a command that takes
// longer than its lease keeps its message. All member functions may be called from any thread.

#include "baton/batch.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>

namespace baton::cli {

class LeaseKeeper {
public:
    LeaseKeeper();
    ~LeaseKeeper();
    LeaseKeeper(const LeaseKeeper&) = delete;
    LeaseKeeper& operator=(const LeaseKeeper&) = delete;

    /// Returns what `let_go` takes.
    std::uint64_t keep(const Received& message);
    void let_go(std::uint64_t ticket);

private:
    using Clock = std::chrono::steady_clock;
    struct Kept {
        Received message;
        Clock::duration every;
        Clock::time_point due;
    };

    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::uint64_t, Kept> kept_;
    std::uint64_t last_ticket_ = 0;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace baton::cli
