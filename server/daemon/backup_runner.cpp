#include "server/daemon/backup_runner.hpp"

#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

namespace baton::daemon {

using session::BackupFacts;

void BackupRunner::begin(std::string directory, Done done) {
    const auto begun = work_.begin([this, directory = std::move(directory), done] {
        return [facts = back_up(directory), done]() mutable { done(std::move(facts)); };
    });
    if (begun != BackgroundWork::Begun::yes) {
        BackupFacts facts;
        facts.failure = begun == BackgroundWork::Begun::busy ? "another backup is running" : "the server stops";
        done(std::move(facts));
    }
}

BackupFacts BackupRunner::back_up(const std::string& directory) {
    BackupFacts facts;
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
    return facts;
}

}  // namespace baton::daemon
