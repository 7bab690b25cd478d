#include "storage/key_index.hpp"

#include "baton/store/v1/store.pb.h"
#include "storage/key_writer.hpp"
#include "storage/reads.hpp"
#include "storage/sealed.hpp"
#include "storage/slices.hpp"

#include <rocksdb/db.h>

namespace baton::storage {

Key last_of_key_key(core::NamespaceId ns, core::QueueId topic, const core::GroupId& key) {
    return KeyWriter(ns, KeyKind::last_of_key, topic).put(key.high).put(key.low).key();
}

std::string encode(const core::PutLastOfKey& record) {
    store::v1::LastOfKey stored;
    stored.set_offset(record.offset);
    return sealed(stored, KeyKind::last_of_key, record.id, record.key.low);
}

std::optional<core::Offset> last_of_key(rocksdb::DB& db, const Key& key, const rocksdb::Snapshot* snapshot) {
    std::string value;
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    const rocksdb::Status status = db.Get(options, slice(key), &value);
    if (status.IsNotFound()) {
        return std::nullopt;
    }
    check_read(status, "cannot read the last message of a key");
    return opened<store::v1::LastOfKey>(*parse_key(key.view()), value).offset();
}

void add_keys_of(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, core::NamespaceId ns, const core::Chunk& chunk,
                 core::ChunksRead& found) {
    auto& superseded = found.superseded.emplace_back();
    auto& named = found.last_of_keys.emplace_back();
    for (const auto& [slot, meta] : chunk.metas) {
        if (!meta->group) {
            continue;
        }
        const auto last = last_of_key(db, last_of_key_key(ns, chunk.log, meta->group->id), snapshot);
        if (last && *last > chunk.first + slot) {
            superseded.push_back(slot);
        } else if (last && *last == chunk.first + slot) {
            named.push_back(slot);
        }
    }
}

}  // namespace baton::storage
