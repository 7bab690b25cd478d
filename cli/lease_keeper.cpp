#include "cli/lease_keeper.hpp"

#include <algorithm>

namespace baton::cli {

LeaseKeeper::LeaseKeeper() : thread_([this] { run(); }) {}

LeaseKeeper::~LeaseKeeper() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

std::uint64_t LeaseKeeper::keep(const Received& message) {
    // A third leaves room for one extension that is lost on its way.
    const auto every = std::max<Clock::duration>(message.view().lease() / 3, std::chrono::milliseconds(10));
    const std::lock_guard lock(mutex_);
    kept_.emplace(++last_ticket_, Kept{message, every, Clock::now() + every});
    changed_.notify_one();
    return last_ticket_;
}

void LeaseKeeper::let_go(std::uint64_t ticket) {
    const std::lock_guard lock(mutex_);
    kept_.erase(ticket);
}

void LeaseKeeper::run() {
    std::unique_lock lock(mutex_);
    while (!stop_) {
        const auto now = Clock::now();
        auto next = now + std::chrono::hours(1);
        for (auto& [ticket, kept] : kept_) {
            if (kept.due <= now) {
                kept.message.extend();
                kept.due = now + kept.every;
            }
            next = std::min(next, kept.due);
        }
        changed_.wait_until(lock, next);
    }
}

}  // namespace baton::cli
