#include "server/engine/commit_pipe.hpp"

#include "server/core/require.hpp"

#include <pthread.h>

#include <chrono>
#include <exception>
#include <utility>

namespace baton::engine {

std::int64_t steady_us() {
    using namespace std::chrono;
    return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

CommitPipe::CommitPipe(storage::Store& store, Hooks hooks, KillPoint kill_point)
    : store_(store), hooks_(std::move(hooks)), kill_point_(kill_point) {}

CommitPipe::~CommitPipe() { stop(); }

void CommitPipe::start() { thread_ = std::thread(&CommitPipe::run, this); }

void CommitPipe::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void CommitPipe::wait_for_room() const {
    for (std::uint32_t taken = taken_.load(std::memory_order_acquire); taken >= 2;
         taken = taken_.load(std::memory_order_acquire)) {
        taken_.wait(taken, std::memory_order_acquire);
    }
}

void CommitPipe::made_room() {
    taken_.fetch_sub(1, std::memory_order_acq_rel);
    taken_.notify_one();
    hooks_.room();
}

void CommitPipe::put(core::Round&& round, core::TimeMs now) {
    core::require(has_room(), "a round is sealed only when the committer has room");
    taken_.fetch_add(1, std::memory_order_acq_rel);
    {
        const std::scoped_lock lock(mutex_);
        waiting_.push_back(Sealed{std::move(round), now});
    }
    changed_.notify_one();
}

core::Round CommitPipe::recycled() {
    const std::scoped_lock lock(mutex_);
    if (spare_.empty()) {
        return {};
    }
    core::Round round = std::move(spare_.back());
    spare_.pop_back();
    return round;
}

void CommitPipe::recycle(core::Round&& round) {
    // Cleared here, since dropping the last references to chunks is work that the core thread should not do.
    round.mutations.clear();
    round.effects.clear();
    round.reads.clear();
    round.needs_sync = false;
    round.bytes = 0;
    round.lane_moves = 0;
    const std::scoped_lock lock(mutex_);
    spare_.push_back(std::move(round));
}

bool CommitPipe::write(core::Round& round, core::TimeMs now) {
    if (round.mutations.empty()) {
        return true;
    }
    kill_point_.reached(CommitPoint::before_commit);
    const std::int64_t began = steady_us();
    counters_.began_us.store(began, std::memory_order_release);
    try {
        store_.commit(round.mutations, now, round.needs_sync);
    } catch (const std::exception& failure) {
        hooks_.failed(failure.what());
        return false;
    }
    const auto took = static_cast<std::uint64_t>(steady_us() - began);
    counters_.began_us.store(0, std::memory_order_release);
    counters_.last_commit_us.store(took, std::memory_order_relaxed);
    if (took > counters_.max_commit_us.load(std::memory_order_relaxed)) {
        counters_.max_commit_us.store(took, std::memory_order_relaxed);
    }
    counters_.commits.fetch_add(1, std::memory_order_relaxed);
    counters_.committed_bytes.fetch_add(round.bytes, std::memory_order_relaxed);
    if (round.needs_sync) {
        counters_.synced_commits.fetch_add(1, std::memory_order_relaxed);
        kill_point_.reached(CommitPoint::after_wal_sync);
    }
    kill_point_.reached(CommitPoint::before_release);
    return true;
}

void CommitPipe::run() {
    ::pthread_setname_np(::pthread_self(), "baton-commit");
    while (true) {
        Sealed sealed;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            if (waiting_.empty()) {
                return;
            }
            sealed = std::move(waiting_.front());
            waiting_.erase(waiting_.begin());
        }
        const bool done = carry_out(sealed.round, sealed.now);
        made_room();
        if (!done) {
            return;
        }
        recycle(std::move(sealed.round));
    }
}

bool CommitPipe::carry_out(core::Round& round, core::TimeMs now) {
    const bool writes = !round.mutations.empty();
    if (!write(round, now)) {
        return false;
    }
    counters_.effects.fetch_add(round.effects.size(), std::memory_order_relaxed);
    if (!round.effects.empty()) {
        hooks_.release(std::move(round.effects));
    }
    hooks_.read(round.reads);
    if (writes) {
        kill_point_.reached(CommitPoint::after_commit);
    }
    return true;
}

bool CommitPipe::write_here(core::Round&& round, core::TimeMs now) {
    core::require(idle(), "a round is written beside the committer only when that has none");
    const bool done = carry_out(round, now);
    recycle(std::move(round));
    return done;
}

}  // namespace baton::engine
