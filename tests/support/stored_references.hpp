#pragma once
// Chunks as the disk would give them: those of references with the bodies that their topics still have.

#include "tests/support/memory_store.hpp"

namespace baton::tests {

/// The chunk that this offset is in, as it was put, or null.
core::ChunkPtr chunk_with(const Tables& tables, const QueueKey& key, core::Offset offset);
/// A chunk of references as it is read: what is gone from its topic is missing, and zeros stand in its place.
core::ChunkPtr as_stored(const Tables& tables, std::uint32_t ns, const core::ChunkPtr& chunk);

}  // namespace baton::tests
