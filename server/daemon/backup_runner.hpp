#pragma once
// Makes backups on a thread of its own, one at a time, while the broker goes on.

#include "server/session/facts.hpp"
#include "storage/store.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace baton::daemon {

class BackupRunner {
public:
    explicit BackupRunner(storage::Store& store) : store_(store) {}
    ~BackupRunner();

    /// Begins a backup into `directory`; `done` is called on the backup's thread, or at once when one is running. Any
    /// thread.
    void begin(std::string directory, std::function<void(session::BackupFacts&&)> done);

private:
    storage::Store& store_;
    std::mutex mutex_;
    bool running_ = false;
    std::thread thread_;
};

}  // namespace baton::daemon
