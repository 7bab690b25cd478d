#pragma once
// The value of a chunk: a head that says where each entry lies and what its checksum is, then the entries' wire bytes
// as the producers sent them.
//
// Format 2 is a chunk of references: its options say where the entries are stored and how long they are; there are
// neither slots nor entries.
//
//   value := format:u8 count:u32 stored_at:i64 expires_first:i64 metas_bytes:u32
//            (entry_bytes:u32 entry_checksum:u32){count} metas head_checksum:u64 entries
//
// Integers are little-endian; head_checksum covers everything before it, seeded with log and first offset; an entry's
// checksum is bound to log and offset (core::bind_checksum).

#include "server/core/chunk.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace baton::storage {

/// The head of the chunk's value; the runs' bytes follow it.
std::string encode_chunk_head(const core::Chunk& chunk);
/// A chunk of references comes without bodies: they are found by reference_reads.hpp.
/// Decodes and verifies a whole value that `owner` keeps alive. Throws Damage.
core::ChunkPtr decode_chunk(core::QueueId log, core::Offset first, std::shared_ptr<const std::string> value);

}  // namespace baton::storage
