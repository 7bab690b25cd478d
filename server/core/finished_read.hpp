#pragma once
// Reads of the sets of finished messages.

#include "server/core/finished.hpp"
#include "server/core/flow.hpp"
#include "server/core/ids.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace baton::core {

/// Batches [from_seq, to_seq) of a finished log, in order, at most `max_batches`.
struct ReadFinished {
    NamespaceId ns{};
    QueueId id{};
    FinishedSet set{};
    std::uint64_t from_seq = 0, to_seq = 0;
    std::uint32_t max_batches = 0;
    /// Of the failed set: also whose children its messages are, as their records of this generation say.
    std::optional<std::uint32_t> parents_in = std::nullopt;
};
struct FinishedRead {
    std::vector<FinishedBatch> batches;
    std::map<Offset, FlowLinksPtr> parents;
};

/// Completed messages, the newest first: behind (seq, offset) in that order, down to the batch `head`. Answered by
/// LaneRead.
struct ReadNewest {
    NamespaceId ns{};
    QueueId id{};
    std::uint32_t generation = 0;
    std::uint64_t head = 0;
    std::uint64_t from_seq = 0;
    /// From the end of the batch when there is none.
    bool behind_offset = false;
    Offset offset = 0;
    std::uint32_t max_records = 0;
    std::uint64_t max_bytes = 0;
};

}  // namespace baton::core
