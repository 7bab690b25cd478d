#include "storage/reads.hpp"

#include "server/core/limits.hpp"
#include "storage/chunk_codec.hpp"
#include "storage/damage.hpp"
#include "storage/expiry_keys.hpp"
#include "storage/finished_keys.hpp"
#include "storage/key_index.hpp"
#include "storage/range_iterator.hpp"
#include "storage/record_codec.hpp"
#include "storage/reference_reads.hpp"
#include "storage/slices.hpp"
#include "storage/store.hpp"

#include <fmt/format.h>
#include <rocksdb/snapshot.h>

#include <algorithm>
#include <optional>

namespace baton::storage {

namespace {

/// By one read, which others wait for.
constexpr std::uint64_t keys_looked_up_max = 4'096;

}  // namespace

KeyRange chunks_around(core::NamespaceId ns, core::QueueId log, core::Offset from) {
    const core::Offset lead = std::min<core::Offset>(from, core::limits::chunk_messages_max - 1);
    return {chunk_key(ns, log, from - lead), queue_range(ns, log, KeyKind::chunk).end};
}

void check_read(const rocksdb::Status& status, const char* what) {
    if (!status.ok()) {
        throw StorageFailure(fmt::format("{}: {}", what, status.ToString()));
    }
}

std::optional<core::MessageRecord> lane_record(rocksdb::DB& db, const Key& key) {
    std::string value;
    const rocksdb::Status status = db.Get(rocksdb::ReadOptions(), slice(key), &value);
    if (status.IsNotFound()) {
        return std::nullopt;
    }
    check_read(status, "cannot read a lane record");
    return decode_lane_record(*parse_key(key.view()), value);
}

core::ChunksRead read_stored(rocksdb::DB& db, const core::ReadChunks& wanted) {
    std::optional<rocksdb::ManagedSnapshot> as_of;
    if (wanted.superseded) {
        as_of.emplace(&db);
    }
    const rocksdb::Snapshot* const snapshot = as_of ? as_of->snapshot() : nullptr;
    RangeIterator range(db, chunks_around(wanted.ns, wanted.log, wanted.from), snapshot);
    ReferencedBodies bodies(db, wanted.ns);
    core::ChunksRead found;
    const Key from = chunk_key(wanted.ns, wanted.log, wanted.from);
    const auto chunk_here = [&]() -> core::ChunkPtr {
        const auto key = parse_key(view(range.at->key()));
        if (!key || key->kind != KeyKind::chunk || key->queue != wanted.log || key->ns != wanted.ns) {
            return nullptr;
        }
        const core::ChunkPtr stored =
            decode_chunk(wanted.log, key->number,
                         std::make_shared<const std::string>(range.at->value().data(), range.at->value().size()));
        return stored->sources.empty() ? stored : bodies.add_to(*stored);
    };
    // The chunk that contains `from` begins at or before it.
    range.at->SeekForPrev(slice(from));
    core::ChunkPtr chunk = range.at->Valid() ? chunk_here() : nullptr;
    if (!chunk || !chunk->contains(wanted.from)) {
        range.at->Seek(slice(from));
        chunk = range.at->Valid() ? chunk_here() : nullptr;
    }
    std::uint64_t bytes = 0, looked_up = 0;
    while (chunk) {
        bytes += chunk->bytes;
        if (wanted.superseded) {
            add_keys_of(db, snapshot, wanted.ns, *chunk, found);
            looked_up += chunk->metas.size();
        }
        found.chunks.push_back(std::move(chunk));
        range.at->Next();
        if (!range.at->Valid() || looked_up >= keys_looked_up_max || found.chunks.size() >= wanted.max_chunks ||
            bytes >= wanted.max_bytes) {
            break;
        }
        chunk = chunk_here();
    }
    check_read(range.at->status(), "cannot read a chunk");
    found.at_end = !range.at->Valid();
    return found;
}

core::LaneRead read_stored(rocksdb::DB& db, const core::ReadLane& wanted) {
    RangeIterator range(db, lane_range(wanted.ns, wanted.id, wanted.lane, wanted.generation));
    core::LaneRead found;
    std::uint64_t bytes = 0;
    const core::LaneKey bound{wanted.from_at, wanted.from_offset, wanted.from_rank, wanted.from_group};
    const Key from = lane_key(wanted.ns, wanted.id, wanted.lane, wanted.generation, bound);
    const auto step = [&] { wanted.backwards ? range.at->Prev() : range.at->Next(); };
    range.at->Seek(slice(from));
    if (wanted.backwards && range.at->Valid()) {
        range.at->Prev();
    } else if (wanted.backwards) {
        range.at->SeekToLast();
    }
    for (; range.at->Valid(); step()) {
        if (found.records.size() >= wanted.max_records || (bytes >= wanted.max_bytes && !found.records.empty())) {
            break;
        }
        const auto key = parse_key(view(range.at->key()));
        if (!key) {
            throw Damage(describe_key(view(range.at->key())));
        }
        bytes += range.at->value().size();
        found.records.push_back(decode_lane_record(*key, view(range.at->value())));
    }
    check_read(range.at->status(), "cannot read a lane");
    found.at_end = !range.at->Valid();
    return found;
}

core::LaneRead read_stored(rocksdb::DB& db, const core::ReadJobs& wanted) {
    core::LaneRead found;
    found.at_end = true;
    std::string value;
    for (const core::Offset offset : wanted.offsets) {
        const Key at = locator_key(wanted.ns, wanted.id, offset);
        const rocksdb::Status status = db.Get(rocksdb::ReadOptions(), slice(at), &value);
        std::optional<core::MessageRecord> record;
        if (!status.IsNotFound()) {
            check_read(status, "cannot read a locator");
            const core::PutLocator where = decode_locator(*parse_key(at.view()), value);
            record = lane_record(db, lane_key(wanted.ns, wanted.id, where.lane, wanted.lane_generation,
                                              {where.at, offset, where.rank, where.group}));
        }
        if (!record) {
            record = lane_record(db, failed_key(wanted.ns, wanted.id, wanted.failed_generation, offset));
        }
        if (!record) {
            record = lane_record(db, completed_key(wanted.ns, wanted.id, wanted.completed_generation, offset));
        }
        if (record) {
            if (wanted.sizes_only && wanted.whole != offset) {
                record->body.buffer = core::Buffer{};
            }
            found.records.push_back(std::move(*record));
        }
    }
    return found;
}

namespace {

/// The chunk that this offset is in, when it is there.
core::ChunkPtr chunk_with(rocksdb::DB& db, const core::ReadExpiring& wanted, core::Offset offset) {
    const core::ChunksRead read = read_stored(db, core::ReadChunks{wanted.ns, wanted.id, offset, 1, 0});
    return read.chunks.empty() || !read.chunks.front()->contains(offset) ? nullptr : read.chunks.front();
}

}  // namespace

core::ExpiringRead read_stored(rocksdb::DB& db, const core::ReadExpiring& wanted) {
    RangeIterator range(db, expiries_from(wanted.ns, wanted.id, wanted.from));
    core::ExpiringRead found;
    std::uint64_t bytes = 0;
    for (range.at->SeekToFirst(); range.at->Valid(); range.at->Next()) {
        const auto key = parse_key(view(range.at->key()));
        if (!key || key->kind != KeyKind::expiry) {
            throw Damage(describe_key(view(range.at->key())));
        }
        if (key->at > wanted.until || found.entries.size() >= wanted.max_entries || bytes >= wanted.max_bytes) {
            found.next_at = key->at;
            break;
        }
        const core::PutExpiry where = decode_expiry(*key, view(range.at->value()));
        core::ExpiringRead::Entry& entry = found.entries.emplace_back();
        entry.at = where.at;
        entry.offset = where.offset;
        entry.in_lane = where.in_lane;
        if (where.in_lane) {
            const core::LaneKey at{where.lane_at, where.offset, where.lane_rank, where.lane_group};
            entry.record = lane_record(db, lane_key(wanted.ns, wanted.id, where.lane, wanted.lane_generation, at));
            bytes += entry.record ? entry.record->body.bytes().size() : 0;
        } else {
            entry.chunk = chunk_with(db, wanted, where.offset);
            bytes += entry.chunk ? entry.chunk->bytes : 0;
        }
    }
    check_read(range.at->status(), "cannot read the index of expiries");
    return found;
}

core::ZoneRead read_stored(rocksdb::DB&, const core::ReadZone&) { return {}; }

}  // namespace baton::storage
