#pragma once
// What a server tells of itself, its backups and its clock. Plain values.

#include <cstdint>
#include <string>

namespace baton {

struct ServerStatus {
    std::string version;
    std::uint64_t epoch = 0;
    std::uint64_t uptime_ms = 0;
    std::uint64_t pid = 0;
    /// User and system time of the daemon so far.
    double cpu_seconds = 0;
    std::uint64_t rss_bytes = 0;
    std::uint64_t commits = 0;
    std::uint64_t queues = 0;
    std::uint64_t connections = 0;
    std::string data_dir;
    std::string state;
};

struct BackupResult {
    std::string directory;
    std::uint64_t commit_seq = 0;
    std::uint64_t bytes = 0;
    std::string digest;
};

struct ClockState {
    /// The server's time, milliseconds since 1970.
    std::int64_t now_ms = 0;
    /// True: it moves by advance_clock() only.
    bool is_virtual = false;
};

}  // namespace baton
