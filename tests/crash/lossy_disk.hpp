#pragma once
// A RocksDB file system over the real one that knows, for every file, how much of it was synced. cut_power() throws
// away the rest, as a disk that honours flushes may; fail_at() makes the n-th write or sync of the log fail.
//
// Fault model: synced bytes stay, unsynced bytes go; renames and creations stay (RocksDB syncs directories itself).

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace baton::tests {

class LossyDisk {
public:
    LossyDisk();

    /// To pass as StoreOptions::file_system_for_tests.
    void* env() { return env_.get(); }
    /// Cuts every file to what was synced. Only after the store is closed or abandoned.
    void cut_power();
    /// The n-th sync of a log file from now fails, and all later ones; 0 = none.
    void fail_sync(std::int64_t nth) { syncs_left_ = nth; }
    /// The n-th append to a log file from now fails, and all later ones; 0 = none.
    void fail_append(std::int64_t nth) { appends_left_ = nth; }

    struct Ledger {
        std::mutex mutex;
        std::map<std::string, std::uint64_t> synced;
    };

    /// Counts down and says whether this operation fails.
    static bool fails(std::atomic<std::int64_t>& left);
    std::atomic<std::int64_t> syncs_left_{0};
    std::atomic<std::int64_t> appends_left_{0};

private:
    std::shared_ptr<Ledger> ledger_ = std::make_shared<Ledger>();
    std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace baton::tests
