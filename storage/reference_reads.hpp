#pragma once
// The bodies of chunks that only say where their messages are.

#include "server/core/chunk.hpp"
#include "storage/range_iterator.hpp"

#include <rocksdb/db.h>

#include <optional>

namespace baton::storage {

/// Reads them chunk by chunk. References go forward in their topic, and several of them lie in one of its chunks: what
/// was read for one is there for the next. Used by one thread, for one read.
class ReferencedBodies {
public:
    ReferencedBodies(rocksdb::DB& db, core::NamespaceId ns) : db_(db), ns_(ns) {}

    /// The same chunk with the entries that it refers to; those that their topic no longer has
    /// are listed as missing, and what stands in their places is no entry. Throws Damage and StorageFailure.
    core::ChunkPtr add_to(const core::Chunk& references);
    /// The chunk of the topic with this message, or null. It is valid until the next call.
    const core::Chunk* chunk_with(core::QueueId log, core::Offset offset);

private:
    core::ChunkPtr read_chunk(core::QueueId log, core::Offset offset);

    rocksdb::DB& db_;
    core::NamespaceId ns_;
    /// Over the chunks of log_, from first_ on; it stands at the one of current_, if that is there.
    std::optional<RangeIterator> range_;
    core::QueueId log_{};
    core::Offset first_ = 0;
    core::ChunkPtr current_;
};

}  // namespace baton::storage
