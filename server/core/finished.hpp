#pragma once
// What is kept of messages that are over: their result, and in which order they ended. The sets themselves are lanes
// (completed, failed), a record a message by its offset; the finished log beside each tells which came first, so that
// the oldest can go. Plain values.

#include "server/core/ids.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace baton::core {

/// The two sets of finished messages. Stored on disk: do not change these values.
enum class FinishedSet : std::uint8_t { completed = 1, failed = 2 };

/// What a handler returned.
struct JobResult {
    std::string content_type;
    std::string value;
    bool operator==(const JobResult&) const = default;
};
using JobResultPtr = std::shared_ptr<const JobResult>;

/// The run that completed a message; shared by messages that one settle completed.
struct Completion {
    /// When it was delivered to the worker that completed it.
    TimeMs started_at = 0;
    std::string worker;
    /// Null when there is none.
    JobResultPtr result;
};
using CompletionPtr = std::shared_ptr<const Completion>;

/// Messages of one set that ended in one commit, in the order in which they ended.
struct FinishedBatch {
    std::uint64_t seq = 0;
    TimeMs at = 0;
    std::vector<OffsetRange> ranges;
    /// One a message: what it counts for.
    std::vector<std::uint32_t> sizes;
    /// In what a read returns: those that have left the set since, ascending.
    std::vector<Offset> gone;
};

/// Where the log of one set stands; on disk with the state of its queue.
struct FinishedCounts {
    /// The oldest batch that is kept, how many of its messages are gone, and when it ended.
    std::uint64_t head = 1;
    std::uint32_t head_done = 0;
    TimeMs oldest_at = 0;
    /// The number of the next batch.
    std::uint64_t next = 1;
    /// Of what is kept.
    std::uint64_t messages = 0, bytes = 0;
    bool operator==(const FinishedCounts&) const = default;
};

struct FinishedLog {
    FinishedCounts counts;
    /// What ended in this round; its number is counts.next.
    FinishedBatch open;
    /// A read of the oldest batches is under way, or is not to begin before a time.
    bool trimming = false;
    /// What left the set by itself since that read was asked for, with its batch.
    std::vector<std::pair<std::uint64_t, Offset>> left;
    TimeMs trim_from = 0;
};

/// Counts, sizes and times that a record takes beside its body and result.
inline constexpr std::uint32_t completed_record_bytes = 64;

}  // namespace baton::core
