#pragma once
// Lets the jobs of a worker begin: no more run at a time than its concurrency, and no more begin than its rate limit
// has permits for. From both follows how many messages the worker may hold, so that what it cannot begin stays in the
// queue. May be used by any thread.

#include "client/permit_bucket.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace baton::detail {

class JobGate {
public:
    /// Throws invalid_argument when the limit is out of bounds.
    JobGate(std::uint32_t concurrency, std::uint32_t prefetch, const RateLimit& limit);

    /// Waits until a job may begin. False, and none may, when the gate is closed.
    bool enter();
    /// A job that entered has ended.
    void leave();
    /// From now on no job begins.
    void close();
    void set_concurrency(std::uint32_t concurrency);

    struct Room {
        /// Messages that may be held: those that run, and those that may follow.
        std::uint32_t messages = 0;
        /// When there is room for more without a job ending; TimePoint::max() when never.
        TimePoint more_at = TimePoint::max();
    };
    Room room() const;

private:
    // Constant after construction.
    const std::uint32_t prefetch_;

    mutable std::mutex mutex_;  // Guards all below.
    std::condition_variable changed_;
    std::uint32_t concurrency_;
    std::uint32_t running_ = 0;
    PermitBucket permits_;
    bool closed_ = false;
};

}  // namespace baton::detail
