#pragma once
// The index of what expires while it waits: mutations, and the read of what is due. Plain values.

#include "server/core/chunk.hpp"
#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace baton::core {

/// At this time a chunk, named by one of its offsets, or a lane record has something that expires. Put blindly: what it
/// names is looked at when the time has come.
struct PutExpiry {
    NamespaceId ns{};
    QueueId id{};
    TimeMs at = 0;
    Offset offset = 0;
    bool in_lane = false;
    /// Of a lane record: where it is.
    Lane lane = Lane::timed;
    TimeMs lane_at = 0;
    std::int64_t lane_rank = 0;
    GroupId lane_group = {};
};
struct RemoveExpiry {
    NamespaceId ns{};
    QueueId id{};
    TimeMs at = 0;
    Offset offset = 0;
    bool in_lane = false;
};
/// Deletes the whole index of a queue (one range): for purge only.
struct SweepExpiries {
    NamespaceId ns{};
    QueueId id{};
};

/// What is due from `from` on until `until`, with the chunks and lane records named, up to about `max_bytes` of them.
struct ReadExpiring {
    NamespaceId ns{};
    QueueId id{};
    std::uint32_t lane_generation = 0;
    TimeMs from = 0;
    TimeMs until = 0;
    std::uint32_t max_entries = 0;
    std::uint64_t max_bytes = 0;
};
struct ExpiringRead {
    struct Entry {
        TimeMs at = 0;
        Offset offset = 0;
        bool in_lane = false;
        /// Null or absent when it is no longer there.
        ChunkPtr chunk;
        std::optional<MessageRecord> record;
    };
    std::vector<Entry> entries;
    /// Of the first one that was not read; 0 = there is none.
    TimeMs next_at = 0;
};

}  // namespace baton::core
