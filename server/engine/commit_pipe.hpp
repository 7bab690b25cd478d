#pragma once
// The committer thread: takes one sealed round at a time, writes its mutations as one batch, releases its effects, then
// starts its reads. One round is being written and at most one more waits, so a commit carries what came in meanwhile.
//
// Rounds without mutations pass through as well: their effects may rest on state that is still on its way to disk.

#include "server/core/round.hpp"
#include "server/engine/kill_point.hpp"
#include "storage/store.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace baton::engine {

struct CommitCounters {
    std::atomic<std::uint64_t> commits{0}, synced_commits{0}, effects{0}, committed_bytes{0};
    std::atomic<std::uint64_t> last_commit_us{0}, max_commit_us{0};
    /// Steady microseconds at which the commit in flight began; 0 when none.
    std::atomic<std::int64_t> began_us{0};
};

class CommitPipe {
public:
    struct Hooks {
        /// Effects whose commit is durable, in order.
        std::function<void(std::vector<core::Effect>&&)> release;
        /// Takes the round's reads out of the vector.
        std::function<void(std::vector<core::ReadRequest>&)> read;
        /// The pipe has room again.
        std::function<void()> room;
        std::function<void(const std::string& reason)> failed;
    };
    CommitPipe(storage::Store& store, Hooks hooks, KillPoint kill_point);
    ~CommitPipe();

    void start();
    /// Ends the thread after the rounds it has; after a failure at once.
    void stop();

    /// Nothing is being written and nothing waits. Core thread.
    bool idle() const { return taken_.load(std::memory_order_acquire) == 0; }
    /// put() would be taken at once. Core thread.
    bool has_room() const { return taken_.load(std::memory_order_acquire) < 2; }
    /// Waits until has_room() or the pipe has failed. Core thread.
    void wait_for_room() const;
    /// Hands a sealed round over; needs has_room(). Core thread.
    void put(core::Round&& round, core::TimeMs now);
    /// Writes a sealed round on the calling thread and returns when it is durable and released; needs idle(). For small
    /// rounds, where waking the committer and being woken by it would cost more than the write keeps this thread from.
    /// False after a failure. Core thread.
    bool write_here(core::Round&& round, core::TimeMs now);
    /// An empty round whose vectors have kept their room, for the core thread to fill.
    core::Round recycled();

    const CommitCounters& counters() const { return counters_; }

private:
    void run();
    /// The whole way of one round; false after a failure.
    bool carry_out(core::Round& round, core::TimeMs now);
    bool write(core::Round& round, core::TimeMs now);
    void recycle(core::Round&& round);
    void made_room();

    storage::Store& store_;
    Hooks hooks_;
    KillPoint kill_point_;
    std::mutex mutex_;
    std::condition_variable changed_;
    struct Sealed {
        core::Round round;
        core::TimeMs now = 0;
    };
    std::vector<Sealed> waiting_;
    std::vector<core::Round> spare_;
    bool stopping_ = false;
    /// Rounds waiting or being written.
    std::atomic<std::uint32_t> taken_{0};
    CommitCounters counters_;
    std::thread thread_;
};

/// Steady time in microseconds, for measuring only.
std::int64_t steady_us();

}  // namespace baton::engine
