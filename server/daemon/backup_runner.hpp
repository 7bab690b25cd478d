#pragma once
// Makes backups in the background, one at a time.

#include "server/daemon/background_work.hpp"
#include "server/session/facts.hpp"
#include "storage/store.hpp"

#include <functional>
#include <string>

namespace baton::daemon {

class BackupRunner {
public:
    using Done = std::function<void(session::BackupFacts&&)>;

    explicit BackupRunner(storage::Store& store) : store_(store) {}

    /// Begins a backup into `directory`; `done` is called on the backup's thread, or at once when one is running or
    /// none may begin any more. Any thread.
    void begin(std::string directory, Done done);

private:
    session::BackupFacts back_up(const std::string& directory);

    storage::Store& store_;
    BackgroundWork work_;
};

}  // namespace baton::daemon
