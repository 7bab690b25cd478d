#pragma once
// The data directory of one shard: RocksDB, its lock, high-water mark and space reserve. Knows no sockets.
//
// commit() is called by one thread (the committer), read() by one thread (the reader), at the same time; the rest is
// called by anyone. Failures of the disk throw StorageFailure, after which the store refuses everything: the caller
// must stop the daemon with exit code 74 (rules R2 and R3). The start-up order is rule R10.

#include "server/core/mutation.hpp"
#include "server/core/read.hpp"
#include "storage/doctor.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

namespace baton::storage {

/// Why a data directory cannot be opened; each has its own exit code in server/daemon.
enum class OpenFault : std::uint8_t {
    locked,
    newer_format,
    corrupt,
    commits_missing,
    no_space,
    bad_directory,
    clock_mismatch,
    io,
};
class OpenError : public std::runtime_error {
public:
    OpenError(OpenFault fault, const std::string& message) : std::runtime_error(message), fault_(fault) {}
    OpenFault fault() const { return fault_; }

private:
    OpenFault fault_;
};

/// The disk refused; nothing is known about the batch in flight. Fail-stop.
class StorageFailure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct StoreOptions {
    std::string data_dir;
    std::uint64_t block_cache_bytes = 32ULL << 20;
    std::uint64_t write_buffer_bytes = 16ULL << 20;
    /// Go on when acknowledged commits are missing or the log is damaged (rules R6, R7).
    bool accept_data_loss = false;
    /// Size of the ballast file; 0 = the default (rule R8).
    std::uint64_t reserve_bytes = 0;
    /// The clock is virtual: a directory that was used with real time is refused, and the other way round.
    bool virtual_clock = false;
    /// A RocksDB file system to use instead of the default, for tests that cut the power; not owned.
    void* file_system_for_tests = nullptr;
};

struct StoreStatus {
    std::uint64_t commit_seq = 0;
    /// How often this data directory has been started; part of tokens.
    std::uint64_t epoch = 0;
    /// Broker time of the last commit, milliseconds since 1970; 0 = none.
    core::TimeMs last_time = 0;
};

struct BackupResult {
    std::uint64_t commit_seq = 0;
    std::uint64_t bytes = 0;
    std::string digest;
};

enum class SpaceState : std::uint8_t { ample, low, critical };

class Store {
public:
    /// Locks, checks, opens. Creates the directory when it does not exist. Throws OpenError.
    static std::unique_ptr<Store> open(const StoreOptions& options);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    StoreStatus status() const;

    /// Every record that Core::restore takes, in key order. Before the first commit.
    void load(const std::function<void(core::Mutation&&)>& each);

    /// Writes the mutations as one batch with the next commit sequence and `now`; returns after fsync when `sync`.
    /// Throws StorageFailure.
    void commit(std::span<const core::Mutation> mutations, core::TimeMs now, bool sync);

    /// Runs one read against what is committed. Verifies checksums; throws StorageFailure on damage, with its location.
    core::ReadAnswer read(const core::ReadRequest& request);

    /// Called at most every 100 ms or so; cheap (statvfs).
    SpaceState space();

    /// Writes a consistent, synced copy into `directory` (must not exist) while commits go on. Any thread but the
    /// committer's. Throws std::runtime_error with the reason.
    BackupResult backup(const std::string& directory);

    /// Holds counters, indexes, leases, names and flows against a rescan of what is committed now, while commits go on.
    /// Reads only. Any thread. Throws StorageFailure.
    Diagnosis examine(const Examination& wanted);

    /// Flushes and syncs everything, for a clean stop.
    void close();

private:
    class Impl;
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Checks the digest of a directory written by backup(); throws std::runtime_error naming the first file that differs.
BackupResult verify_backup(const std::string& directory);

}  // namespace baton::storage
