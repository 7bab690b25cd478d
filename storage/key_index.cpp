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

std::optional<core::Offset> last_of_key(rocksdb::DB& db, const Key& key) {
    std::string value;
    const rocksdb::Status status = db.Get(rocksdb::ReadOptions(), slice(key), &value);
    if (status.IsNotFound()) {
        return std::nullopt;
    }
    check_read(status, "cannot read the last message of a key");
    return opened<store::v1::LastOfKey>(*parse_key(key.view()), value).offset();
}

std::vector<std::uint32_t> superseded_in(rocksdb::DB& db, core::NamespaceId ns, const core::Chunk& chunk) {
    std::vector<std::uint32_t> slots;
    for (const auto& [slot, meta] : chunk.metas) {
        if (!meta->group) {
            continue;
        }
        const auto last = last_of_key(db, last_of_key_key(ns, chunk.log, meta->group->id));
        if (last && *last > chunk.first + slot) {
            slots.push_back(slot);
        }
    }
    return slots;
}

}  // namespace baton::storage
