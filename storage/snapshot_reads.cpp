#include "storage/snapshot_reads.hpp"

#include "storage/damage.hpp"
#include "storage/range_iterator.hpp"
#include "storage/store.hpp"

#include <fmt/format.h>

#include <utility>

namespace baton::storage {

namespace {

void check_examined(const rocksdb::Status& status) {
    if (!status.ok()) {
        throw StorageFailure(fmt::format("cannot read for the examination: {}", status.ToString()));
    }
}

}  // namespace

SnapshotReads::SnapshotReads(rocksdb::DB& db, const Examination& wanted, Diagnosis& out)
    : db_(db),
      wanted_(wanted),
      out_(out),
      snapshot_(db.GetSnapshot(), [&db](const auto* held) { db.ReleaseSnapshot(held); }) {
    options_.snapshot = snapshot_.get();
    options_.fill_cache = false;
}

bool SnapshotReads::count(std::size_t records, std::size_t bytes) {
    out_.records += records;
    slice_records_ += records;
    slice_bytes_ += bytes;
    if (slice_records_ >= Examination::slice_records || slice_bytes_ >= Examination::slice_bytes) {
        slice_records_ = slice_bytes_ = 0;
        out_.stopped = out_.stopped || (wanted_.go_on && !wanted_.go_on());
    }
    return !out_.stopped;
}

void SnapshotReads::each(const KeyRange& range, const std::string& queue, const Each& what) {
    RangeIterator records(db_, range, snapshot_.get());
    for (records.at->SeekToFirst(); records.at->Valid() && !out_.stopped; records.at->Next()) {
        if (!count(1, records.at->key().size() + records.at->value().size())) {
            return;
        }
        const auto key = parse_key(view(records.at->key()));
        try {
            if (!key) {
                throw Damage(describe_key(view(records.at->key())));
            }
            what(*key, view(records.at->value()));
        } catch (const Damage& damage) {
            say(Ailment::Kind::damage, queue, damage.what());
        }
    }
    check_examined(records.at->status());
}

std::optional<std::string> SnapshotReads::value_at(const Key& key) {
    std::string value;
    const rocksdb::Status status = db_.Get(options_, slice(key), &value);
    if (status.IsNotFound()) {
        return std::nullopt;
    }
    check_examined(status);
    count(0, key.view().size() + value.size());
    return value;
}

void SnapshotReads::say(Ailment::Kind kind, const std::string& queue, std::string text) {
    out_.found += 1;
    if (out_.ailments.size() < Examination::ailments_max) {
        out_.ailments.push_back({kind, queue, std::move(text)});
    }
}

}  // namespace baton::storage
