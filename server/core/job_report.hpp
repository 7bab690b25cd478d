#pragma once
// What a running job says about itself: how far it is, and lines of a log. Kept beside the job, in records of their
// own, for as long as the job is stored. Plain values.

#include "server/core/ids.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace baton::core {

/// The last value that a job gave of its progress.
struct JobProgress {
    TimeMs at = 0;
    std::string value;
};
using JobProgressPtr = std::shared_ptr<const JobProgress>;

/// Lines that one request appended. Lines of a job are numbered from 1.
struct LogPart {
    std::uint64_t first_line = 0;
    TimeMs at = 0;
    std::vector<std::string> lines;
};

// ---- on disk

struct PutProgress {
    NamespaceId ns{};
    QueueId id{};
    Offset offset = 0;
    JobProgressPtr progress;
};
struct PutLogPart {
    NamespaceId ns{};
    QueueId id{};
    Offset offset = 0;
    LogPart part;
};
/// Where the log begins, and the number of the next line: once lines were dropped. Lines below the first do not count.
struct PutLogBounds {
    NamespaceId ns{};
    QueueId id{};
    Offset offset = 0;
    std::uint64_t first_line = 1, next_line = 1;
};
struct RemoveLogPart {
    NamespaceId ns{};
    QueueId id{};
    Offset offset = 0;
    std::uint64_t first_line = 0;
};
/// Everything that these jobs said; most of them may have said nothing.
struct RemoveReports {
    NamespaceId ns{};
    QueueId id{};
    OffsetRange jobs;
};

// ---- reads

struct ReadReport {
    NamespaceId ns{};
    QueueId id{};
    Offset offset = 0;
};
struct ReportRead {
    /// Null when there is none.
    JobProgressPtr progress;
    std::uint64_t first_line = 1, next_line = 1;
    /// Ascending; the first may begin before first_line.
    std::vector<LogPart> parts;
};

/// Jobs from `from` on that said something, and whether each still has a record in a lane or a set.
struct ReadReported {
    NamespaceId ns{};
    QueueId id{};
    Offset from = 0;
    std::uint32_t max_jobs = 0;
    std::uint32_t failed_generation = 0, completed_generation = 0;
};
struct ReportedRead {
    struct Job {
        Offset offset = 0;
        bool has_record = false;
    };
    std::vector<Job> jobs;
    bool at_end = false;
};

}  // namespace baton::core
