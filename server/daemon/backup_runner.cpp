#include "server/daemon/backup_runner.hpp"

#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

namespace baton::daemon {

BackupRunner::~BackupRunner() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

void BackupRunner::begin(std::string directory, std::function<void(session::BackupFacts&&)> done) {
    const std::scoped_lock lock(mutex_);
    if (running_) {
        session::BackupFacts facts;
        facts.failure = "another backup is running";
        done(std::move(facts));
        return;
    }
    if (thread_.joinable()) {
        thread_.join();
    }
    running_ = true;
    thread_ = std::thread([this, directory = std::move(directory), done = std::move(done)] {
        session::BackupFacts facts;
        facts.directory = directory;
        try {
            const storage::BackupResult result = store_.backup(directory);
            facts.commit_seq = result.commit_seq;
            facts.bytes = result.bytes;
            facts.digest = result.digest;
            spdlog::info("backup of commit {} written to {}", result.commit_seq, directory);
        } catch (const std::exception& failure) {
            facts.failure = failure.what();
            spdlog::warn("backup to {} failed: {}", directory, failure.what());
        }
        {
            const std::scoped_lock ended(mutex_);
            running_ = false;
        }
        done(std::move(facts));
    });
}

}  // namespace baton::daemon
