#pragma once
// The bodies of chunks that only say where their messages are. Reads; any thread.

#include "server/core/chunk.hpp"

#include <rocksdb/db.h>

namespace baton::storage {

/// The same chunk with the entries that it refers to, in a buffer of its own; those that their topic no longer has are
/// listed as missing, and what stands in their places is no entry.
core::ChunkPtr with_bodies(rocksdb::DB& db, core::NamespaceId ns, const core::Chunk& references);

}  // namespace baton::storage
