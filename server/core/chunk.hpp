#pragma once
// A chunk: adjacent messages of one log, as appended by one commit. Immutable once its round is sealed.

#include "server/core/entry_run.hpp"
#include "server/core/message_record.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace baton::core {

/// Where messages of a subscription that selects are: adjacent ones in the log of a topic.
struct ChunkSource {
    QueueId log{};
    Offset first = 0;
    std::uint32_t count = 0;
};

/// Messages of a log that are not there any more.
struct Holes {
    std::uint64_t messages = 0, bytes = 0;

    void add(std::uint64_t more, std::uint64_t more_bytes) {
        messages += more;
        bytes += more_bytes;
    }
    /// Not below zero: where they were counted from the middle of a log they were estimated.
    void take(std::uint64_t fewer, std::uint64_t fewer_bytes) {
        messages -= std::min(messages, fewer);
        bytes -= std::min(bytes, fewer_bytes);
    }
    bool operator==(const Holes&) const = default;
};

struct Chunk {
    QueueId log{};
    Offset first = 0;
    std::uint32_t count = 0;
    TimeMs stored_at = 0;
    /// Earliest expiry of its messages; 0 = none expires.
    TimeMs expires_first = 0;
    /// Sum of the runs' bytes.
    std::uint64_t bytes = 0;
    /// Of a topic's log: the bytes of all messages before these.
    std::uint64_t bytes_before = 0;
    /// Together exactly `count` entries, in offset order.
    std::vector<EntryRun> runs;
    /// By slot, ascending: what the uncommon messages carry.
    std::vector<std::pair<std::uint32_t, MetaPtr>> metas;

    /// Of a subscription that selects: where its entries are stored, in order; the chunk on disk has no bodies.
    std::vector<ChunkSource> sources;
    /// Slots whose bodies are gone, ascending; what stands there is no entry and has its size only. In the log of a
    /// topic compaction took them out; those that a subscription refers to were gone from the topic when the chunk was
    /// read.
    std::vector<std::uint32_t> missing;

    Offset end() const { return first + count; }
    bool is_missing(Offset offset) const;
    /// Of [from, upto), which lies in this chunk.
    Holes missing_in(Offset from, Offset upto) const;
    bool contains(Offset offset) const { return offset >= first && offset < end(); }
    /// The entries [offset, offset + n), as runs; they must lie in this chunk.
    void slice(Offset offset, std::uint32_t n, std::vector<EntryRun>& out) const;
    /// The single entry at `offset`.
    EntryRun at(Offset offset) const;
    /// Null for a common message.
    MetaPtr meta_of(Offset offset) const;
    /// Where the entries from `offset` on are stored, as far as they are adjacent there; count 0 when they are here.
    ChunkSource source_of(Offset offset) const;
    /// What a message takes along that leaves the chunk for a record of its own: also where it was published.
    MetaPtr parting_meta_of(Offset offset) const;
};
using ChunkPtr = std::shared_ptr<const Chunk>;

}  // namespace baton::core
