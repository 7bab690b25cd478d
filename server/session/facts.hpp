#pragma once
// What the composition root answers in place of the core: the status of the daemon, the result of a backup and of an
// examination.

#include <cstdint>
#include <string>
#include <vector>

namespace baton::session {

struct StatusFacts {
    std::string version;
    std::uint64_t epoch = 0;
    std::uint64_t uptime_ms = 0;
    std::uint64_t pid = 0;
    /// User and system time of the process so far.
    double cpu_seconds = 0;
    std::uint64_t rss_bytes = 0;
    std::uint64_t commits = 0;
    std::uint64_t queues = 0;
    /// Filled in by the session layer.
    std::uint64_t connections = 0;
    std::string data_dir;
    std::string state;
};

struct BackupFacts {
    std::string directory;
    std::uint64_t commit_seq = 0;
    std::uint64_t bytes = 0;
    std::string digest;
    /// Why there is no backup; empty when there is one.
    std::string failure;
};

struct DoctorFacts {
    struct Ailment {
        std::uint8_t kind = 0;  // storage::Ailment::Kind
        std::string queue, text;
    };
    enum class Fault : std::uint8_t { none, busy, no_such_queue, no_such_namespace, stopped, failed };
    std::uint64_t commit_seq = 0;
    std::uint64_t queues = 0;
    std::uint64_t records = 0;
    std::vector<Ailment> ailments;
    std::uint64_t found = 0;
    /// Why there is no diagnosis; the queue or namespace that there is none of, or what the disk said.
    Fault fault = Fault::none;
    std::string text;
};

}  // namespace baton::session
