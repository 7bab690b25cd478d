#pragma once
// The index of a topic with `compact`: which message of each key is the last. Put with each message, read by passes of
// compaction and by subscriptions that begin at these.

#include "server/core/chunk.hpp"
#include "server/core/mutation.hpp"
#include "server/core/read.hpp"
#include "storage/keys.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace rocksdb {
class DB;
class Snapshot;
}  // namespace rocksdb

namespace baton::storage {

Key last_of_key_key(core::NamespaceId ns, core::QueueId topic, const core::GroupId& key);
std::string encode(const core::PutLastOfKey& record);

// These throw Damage and StorageFailure.
/// Nothing when the index has no such key. As of a snapshot, or of now.
std::optional<core::Offset> last_of_key(rocksdb::DB& db, const Key& key, const rocksdb::Snapshot* snapshot = nullptr);
/// Adds the slots of a chunk whose key has a later message, and those that are named as the last, ascending.
/// As of the snapshot that the chunk was read from: a key that is gone since would have no last message.
void add_keys_of(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, core::NamespaceId ns, const core::Chunk& chunk,
                 core::ChunksRead& found);

}  // namespace baton::storage
