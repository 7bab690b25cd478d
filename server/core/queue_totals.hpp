#pragma once
// What has become of a queue's messages since it was made. Plain values, stored with its state.

#include "server/core/job_minutes.hpp"

#include <cstdint>

namespace baton::core {

struct QueueTotals {
    std::uint64_t produced = 0, acked = 0, expired = 0, dropped = 0, dead_lettered = 0, redelivered = 0, purged = 0,
                  cancelled = 0;
    /// Finished messages that left their set by retention, and completed ones that were removed.
    std::uint64_t retired = 0;
    /// Those that failed for good, whether they went to the failed set or to a dead-letter queue.
    std::uint64_t failed = 0;
    /// The last minute in which jobs ended, in queues of profile job.
    JobMinute minute;
    /// Superseded by later messages of their keys: taken out of a topic, or gone before a subscription came to them.
    std::uint64_t compacted = 0;
    bool operator==(const QueueTotals&) const = default;
};

}  // namespace baton::core
