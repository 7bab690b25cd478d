// Reads of the sets of finished messages: the oldest batches of a log, and completed messages from the newest on. Reads
// of events.
#include "server/core/limits.hpp"
#include "storage/damage.hpp"
#include "storage/event_codec.hpp"
#include "storage/finished_codec.hpp"
#include "storage/finished_keys.hpp"
#include "storage/range_iterator.hpp"
#include "storage/reads.hpp"
#include "storage/record_codec.hpp"
#include "storage/slices.hpp"

#include <algorithm>
#include <utility>

namespace baton::storage {

namespace {

ParsedKey key_at(const RangeIterator& range) {
    const auto key = parse_key(view(range.at->key()));
    if (!key) {
        throw Damage(describe_key(view(range.at->key())));
    }
    return *key;
}

/// Takes the records of one batch, the last first; false when there are enough.
bool take_batch(rocksdb::DB& db, const core::ReadNewest& wanted, const core::FinishedBatch& batch,
                core::LaneRead& found, std::uint64_t& bytes) {
    bool behind = !wanted.behind_offset || batch.seq != wanted.from_seq;
    for (auto range = batch.ranges.rbegin(); range != batch.ranges.rend(); ++range) {
        for (core::Offset offset = range->first + range->count; offset-- > range->first;) {
            if (!behind) {
                behind = offset == wanted.offset;
                continue;
            }
            if (found.records.size() == wanted.max_records || bytes >= wanted.max_bytes) {
                return false;
            }
            auto record = lane_record(db, completed_key(wanted.ns, wanted.id, wanted.generation, offset));
            // It may have left the set, and have come back in a later batch.
            if (record && record->finished_seq == batch.seq) {
                bytes += record->body.count == 0 ? 0 : record->body.bytes().size();
                bytes += record->completion->result ? record->completion->result->value.size() : 0;
                found.records.push_back(std::move(*record));
            }
        }
    }
    return true;
}

void find_parents(rocksdb::DB& db, const core::ReadFinished& wanted, core::FinishedRead& found) {
    for (const core::FinishedBatch& batch : found.batches) {
        for (const core::OffsetRange& range : batch.ranges) {
            for (core::Offset offset = range.first; offset < range.first + range.count; ++offset) {
                const auto record = lane_record(db, failed_key(wanted.ns, wanted.id, *wanted.parents_in, offset));
                if (record && record->meta && record->meta->parents) {
                    found.parents.emplace(offset, record->meta->parents);
                }
            }
        }
    }
}

}  // namespace

core::FinishedRead read_stored(rocksdb::DB& db, const core::ReadFinished& wanted) {
    RangeIterator range(db, {finished_key(wanted.ns, wanted.id, wanted.set, wanted.from_seq, 0),
                             finished_key(wanted.ns, wanted.id, wanted.set, wanted.to_seq, 0)});
    core::FinishedRead found;
    for (range.at->SeekToFirst(); range.at->Valid(); range.at->Next()) {
        const ParsedKey key = key_at(range);
        if (key.number != 0) {
            if (!found.batches.empty() && found.batches.back().seq == key.seq) {
                found.batches.back().gone.push_back(key.number - 1);
            }
            continue;
        }
        if (found.batches.size() == wanted.max_batches) {
            break;
        }
        found.batches.push_back(decode_finished(key, view(range.at->value())));
    }
    check_read(range.at->status(), "cannot read a finished log");
    if (wanted.parents_in) {
        find_parents(db, wanted, found);
    }
    return found;
}

core::LaneRead read_stored(rocksdb::DB& db, const core::ReadNewest& wanted) {
    RangeIterator range(db, {finished_key(wanted.ns, wanted.id, core::FinishedSet::completed, wanted.head, 0),
                             finished_key(wanted.ns, wanted.id, core::FinishedSet::completed, wanted.from_seq + 1, 0)});
    core::LaneRead found;
    std::uint64_t bytes = 0;
    bool more = true;
    for (range.at->SeekToLast(); more && range.at->Valid(); range.at->Prev()) {
        const ParsedKey key = key_at(range);
        if (key.number == 0) {
            more = take_batch(db, wanted, decode_finished(key, view(range.at->value())), found, bytes);
        }
    }
    check_read(range.at->status(), "cannot read a finished log");
    found.at_end = more;
    return found;
}

core::EventsRead read_stored(rocksdb::DB& db, const core::ReadEvents& wanted) {
    // The chunk with `from` begins at most a chunk's length before it: the search must not walk over what was trimmed.
    const std::uint64_t lead = std::min<std::uint64_t>(wanted.from, core::limits::event_chunk_max - 1);
    RangeIterator range(db, {events_key(wanted.ns, wanted.id, wanted.from - lead),
                             queue_range(wanted.ns, wanted.id, KeyKind::events).end});
    core::EventsRead found;
    const Key from = events_key(wanted.ns, wanted.id, wanted.from);
    range.at->SeekForPrev(slice(from));
    if (!range.at->Valid()) {
        range.at->Seek(slice(from));
    }
    std::uint64_t bytes = 0;
    for (; range.at->Valid() && found.chunks.size() < wanted.max_chunks && bytes < wanted.max_bytes; range.at->Next()) {
        core::EventChunkPtr chunk = decode_events(key_at(range), view(range.at->value()));
        if (chunk->end_seq() > wanted.from) {
            bytes += chunk->bytes;
            found.chunks.push_back(std::move(chunk));
        }
    }
    check_read(range.at->status(), "cannot read events");
    return found;
}

}  // namespace baton::storage
