#pragma once
// What has become of a queue's messages since it was made. Plain values, stored with its state.

#include <cstdint>

namespace baton::core {

struct QueueTotals {
    std::uint64_t produced = 0, acked = 0, expired = 0, dropped = 0, dead_lettered = 0, redelivered = 0, purged = 0,
                  cancelled = 0;
    /// Finished messages that left their set by retention, and completed ones that were removed.
    std::uint64_t retired = 0;
    bool operator==(const QueueTotals&) const = default;
};

}  // namespace baton::core
