#pragma once
// Examines the store on a thread of its own, one examination at a time and slowly, while the broker goes on.

#include "server/session/facts.hpp"
#include "storage/store.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace baton::daemon {

class DoctorRunner {
public:
    using Done = std::function<void(session::DoctorFacts&&)>;

    explicit DoctorRunner(storage::Store& store) : store_(store) {}
    /// Stops what is under way; it is answered as stopped.
    ~DoctorRunner();

    /// Begins an examination of a queue, or with an empty name of all of the namespace; `done` is called on its thread,
    /// or at once when one is running. Any thread.
    void begin(std::string ns, std::string queue, Done done);

private:
    session::DoctorFacts examine(std::string&& ns, std::string&& queue);

    storage::Store& store_;
    std::mutex mutex_;
    bool running_ = false;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace baton::daemon
