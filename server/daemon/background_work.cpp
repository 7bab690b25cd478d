#include "server/daemon/background_work.hpp"

#include <utility>

namespace baton::daemon {

BackgroundWork::Begun BackgroundWork::begin(Work work) {
    const std::scoped_lock lock(mutex_);
    if (stopping_.load()) {
        return Begun::stopped;
    }
    if (running_) {
        return Begun::busy;
    }
    if (thread_.joinable()) {
        thread_.join();
    }
    running_ = true;
    thread_ = std::thread([this, work = std::move(work)] {
        const Telling tell = work();
        {
            const std::scoped_lock ended(mutex_);
            running_ = false;
        }
        tell();
    });
    return Begun::yes;
}

void BackgroundWork::stop() {
    std::thread last;
    {
        const std::scoped_lock lock(mutex_);
        stopping_.store(true);
        last = std::move(thread_);
    }
    if (last.joinable()) {
        last.join();
    }
}

}  // namespace baton::daemon
