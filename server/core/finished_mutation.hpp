#pragma once
// What ends of messages change on disk.

#include "server/core/entry_run.hpp"
#include "server/core/finished.hpp"
#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"

#include <cstdint>
#include <vector>

namespace baton::core {

/// Adjacent messages that one settle completed: a record each in the lane `completed`.
struct PutCompleted {
    NamespaceId ns{};
    QueueId id{};
    std::uint32_t generation = 0;
    Offset first = 0;
    std::uint32_t count = 0;
    std::uint64_t finished_seq = 0;
    TimeMs stored_at = 0;
    TimeMs ready_at = 0;
    TimeMs finished_at = 0;
    CompletionPtr completion;
    /// Of all of them; may be null.
    MetaPtr meta;
    /// Their bodies, or none when they are not kept.
    EntryRun bodies;
};

/// What ended in one commit.
struct PutFinished {
    NamespaceId ns{};
    QueueId id{};
    FinishedSet set{};
    FinishedBatch batch;
};
/// A message has left its set before its batch was trimmed.
struct PutFinishedGone {
    NamespaceId ns{};
    QueueId id{};
    FinishedSet set{};
    std::uint64_t seq = 0;
    Offset offset = 0;
};
/// Removes the records of these messages from their set, and whole batches [from_seq, to_seq) from its log.
struct TrimFinished {
    NamespaceId ns{};
    QueueId id{};
    FinishedSet set{};
    std::uint32_t generation = 0;
    std::vector<OffsetRange> records;
    std::uint64_t from_seq = 0, to_seq = 0;
};

}  // namespace baton::core
