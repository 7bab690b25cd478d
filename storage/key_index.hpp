#pragma once
// The index of a topic with `compact`: which message of each key is the last. Put with each message, read by passes of
// compaction and by subscriptions that begin at these.

#include "server/core/chunk.hpp"
#include "server/core/mutation.hpp"
#include "storage/keys.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rocksdb {
class DB;
}

namespace baton::storage {

Key last_of_key_key(core::NamespaceId ns, core::QueueId topic, const core::GroupId& key);
std::string encode(const core::PutLastOfKey& record);

// These throw Damage and StorageFailure.
/// Nothing when the index has no such key.
std::optional<core::Offset> last_of_key(rocksdb::DB& db, const Key& key);
/// The slots of a chunk whose key has a later message, ascending. One that is not in the index is its key's last.
std::vector<std::uint32_t> superseded_in(rocksdb::DB& db, core::NamespaceId ns, const core::Chunk& chunk);

}  // namespace baton::storage
