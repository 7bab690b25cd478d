#pragma once
// What waits for the core thread: requests, finished reads, and questions asked by other threads. Any thread puts, the
// core thread takes everything at once. The mutex is held for a push or a swap only.

#include "server/core/read.hpp"
#include "server/core/request.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

namespace baton::engine {

class Inbox {
public:
    struct Item {
        core::Request request;
        std::size_t bytes = 0;
    };
    struct Batch {
        std::vector<Item> requests;
        std::vector<core::ReadAnswer> answers;
        std::vector<std::function<void()>> questions;
        bool empty() const { return requests.empty() && answers.empty() && questions.empty(); }
        void clear();
    };

    explicit Inbox(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    /// Does not wake the core thread: flush() does, once for all that a turn of the I/O thread has put. False when more
    /// than the bound waits: `resume` is kept and called once it has fallen to half.
    bool put(core::Request&& request, std::size_t bytes, std::function<void()> resume);
    /// The requests put so far are to be taken up now.
    void flush();
    void put(core::ReadAnswer&& answer);
    void ask(std::function<void()> question);
    /// Wakes the core thread without a message (a commit ended, a stop).
    void wake();

    /// Takes all that waits into `out`, which must be clear. While fewer than `wanted` requests wait and there is no
    /// other news, waits until `until`.
    void take(Batch& out, std::chrono::steady_clock::time_point until, std::size_t wanted = 1);
    /// True when a request, an answer or a wake waits; for the core thread, without a lock.
    bool has_news() const { return news_.load(std::memory_order_acquire); }

    /// Tells that requests with `bytes` of bodies have been applied; calls what waits for room.
    void applied(std::size_t bytes);
    std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

private:
    bool worth_waking() const;
    void notify(std::unique_lock<std::mutex>& lock);

    const std::size_t bytes_max_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Batch waiting_;
    bool woken_ = false;
    std::size_t wanted_ = 1;
    bool sleeping_ = false;
    std::vector<std::function<void()>> blocked_;
    std::atomic<bool> news_{false};
    std::atomic<bool> has_blocked_{false};
    std::atomic<std::size_t> bytes_{0};
};

}  // namespace baton::engine
