#pragma once
// One thing at a time on a thread of its own, while the broker goes on: an examination, a backup. Whoever owns it stops
// it while what is told at the end can still be sent.

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace baton::daemon {

class BackgroundWork {
public:
    /// What is told at the end; called when the work no longer counts as running, so that the next may begin by then.
    using Telling = std::function<void()>;
    using Work = std::function<Telling()>;
    enum class Begun : std::uint8_t { yes, busy, stopped };

    BackgroundWork() = default;
    ~BackgroundWork() { stop(); }
    BackgroundWork(const BackgroundWork&) = delete;
    BackgroundWork& operator=(const BackgroundWork&) = delete;

    /// Any thread.
    Begun begin(Work work);
    /// What runs may look at it and end early. Any thread.
    bool stopping() const { return stopping_.load(); }
    /// Nothing begins any more; returns when what runs is over and has been told.
    void stop();

private:
    std::mutex mutex_;  // Guards the rest.
    bool running_ = false;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace baton::daemon
