#include "client/job_gate.hpp"

#include <algorithm>

namespace baton::detail {

using std::chrono::steady_clock;

JobGate::JobGate(std::uint32_t concurrency, std::uint32_t prefetch, const RateLimit& limit)
    : prefetch_(prefetch), concurrency_(concurrency), permits_(limit, steady_clock::now()) {}

bool JobGate::enter() {
    std::unique_lock lock(mutex_);
    while (!closed_) {
        if (running_ >= concurrency_) {
            changed_.wait(lock);
            continue;
        }
        const TimePoint now = steady_clock::now();
        if (permits_.take(now)) {
            running_ += 1;
            return true;
        }
        changed_.wait_until(lock, permits_.next(now));
    }
    return false;
}

void JobGate::leave() {
    const std::lock_guard lock(mutex_);
    running_ -= 1;
    changed_.notify_all();
}

void JobGate::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
}

void JobGate::set_concurrency(std::uint32_t concurrency) {
    const std::lock_guard lock(mutex_);
    concurrency_ = concurrency;
    changed_.notify_all();
}

JobGate::Room JobGate::room() const {
    const std::lock_guard lock(mutex_);
    const TimePoint now = steady_clock::now();
    const std::uint64_t wanted = std::uint64_t{concurrency_} + prefetch_;
    const std::uint64_t permitted = permits_.available(now);
    if (running_ >= wanted || permitted >= wanted - running_) {
        return {static_cast<std::uint32_t>(wanted), TimePoint::max()};
    }
    return {static_cast<std::uint32_t>(running_ + permitted), permits_.next(now)};
}

}  // namespace baton::detail
