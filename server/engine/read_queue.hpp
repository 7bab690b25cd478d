#pragma once
// The reader thread: runs the core's reads one after the other and puts the answers into the inbox.

#include "server/core/read.hpp"
#include "server/engine/inbox.hpp"
#include "storage/store.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace baton::engine {

class ReadQueue {
public:
    /// `failed` is called on the reader thread when a read fails; nothing more is read then.
    ReadQueue(storage::Store& store, Inbox& inbox, std::function<void(const std::string&)> failed);
    ~ReadQueue();

    void start();
    /// Ends after the read at hand; what still waits is dropped.
    void stop();
    /// Takes the reads out of `reads`. Any thread.
    void put(std::vector<core::ReadRequest>& reads);
    /// Reads put and not yet answered into the inbox.
    std::size_t pending() const { return pending_.load(std::memory_order_acquire); }

private:
    void run();

    storage::Store& store_;
    Inbox& inbox_;
    std::function<void(const std::string&)> failed_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<core::ReadRequest> waiting_;
    bool stopping_ = false;
    std::atomic<std::size_t> pending_{0};
    std::thread thread_;
};

}  // namespace baton::engine
