// Reads of the index of names.
#include "server/core/limits.hpp"
#include "storage/damage.hpp"
#include "storage/name_codec.hpp"
#include "storage/name_keys.hpp"
#include "storage/range_iterator.hpp"
#include "storage/reads.hpp"
#include "storage/store.hpp"

#include <fmt/format.h>
#include <rocksdb/db.h>

#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace baton::storage {

namespace {

void check_names_read(const rocksdb::Status& status) {
    if (!status.ok()) {
        throw StorageFailure(fmt::format("cannot read names: {}", status.ToString()));
    }
}

ParsedKey key_at(const RangeIterator& range) {
    const auto key = parse_key(view(range.at->key()));
    if (!key) {
        throw Damage(describe_key(view(range.at->key())));
    }
    return *key;
}

std::optional<core::NameRecord> name_record(rocksdb::DB& db, core::NamespaceId ns, const core::Name& name) {
    const Key key = name_key(ns, name);
    std::string value;
    const rocksdb::Status status = db.Get(rocksdb::ReadOptions(), slice(key), &value);
    if (status.IsNotFound()) {
        return std::nullopt;
    }
    check_names_read(status);
    return decode_name(*parse_key(key.view()), value);
}

/// The names of one queue in order, behind `from`, whose holder is stored nowhere.
core::NamesRead look_through(rocksdb::DB& db, const core::ReadNames& wanted) {
    core::NamesRead found;
    std::uint32_t looked_at = 0;
    for (const NameFamily family : {NameFamily::id, NameFamily::dedup}) {
        if (family < static_cast<NameFamily>(wanted.from.kind)) {
            continue;
        }
        RangeIterator range(db, name_range(wanted.ns, wanted.id, family));
        const bool inside = wanted.from.kind == static_cast<core::NameKind>(family);
        const Key from = name_key(wanted.ns, wanted.id, family, inside ? wanted.from.text : std::string());
        for (range.at->Seek(slice(from)); range.at->Valid(); range.at->Next()) {
            const ParsedKey key = key_at(range);
            core::Name name{wanted.id, static_cast<core::NameKind>(family), std::string(key.text)};
            if (inside && name.text == wanted.from.text) {
                continue;
            }
            if (looked_at == wanted.max_names) {
                return found;
            }
            ++looked_at;
            const core::NameRecord record = decode_name(key, view(range.at->value()));
            const core::ReadJobs holder{
                wanted.ns, wanted.id, wanted.lane_generation, wanted.failed_generation, {record.holder}};
            found.last = name;
            const auto stored = read_stored(db, holder).records;
            if (stored.empty() || stored.front().lane == core::Lane::completed) {
                found.found.emplace_back(std::move(name), record);
            }
        }
        check_names_read(range.at->status());
    }
    found.last.reset();
    return found;
}

}  // namespace

core::NamesRead read_stored(rocksdb::DB& db, const core::ReadNames& wanted) {
    if (wanted.names.empty()) {
        return look_through(db, wanted);
    }
    core::NamesRead found;
    for (const core::Name& name : wanted.names) {
        if (const auto record = name_record(db, wanted.ns, name)) {
            found.found.emplace_back(name, *record);
        }
    }
    return found;
}

core::NameEndsRead read_stored(rocksdb::DB& db, const core::ReadNameEnds& wanted) {
    constexpr core::TimeMs by_count = std::numeric_limits<core::TimeMs>::max();
    KeyRange bounds = queue_range(wanted.ns, wanted.id, KeyKind::name_end);
    const Key counted = name_end_key(wanted.ns, wanted.id, by_count, 0);
    (wanted.by_count ? bounds.begin : bounds.end) = counted;
    RangeIterator range(db, bounds);
    core::NameEndsRead found;
    for (range.at->Seek(slice(bounds.begin)); range.at->Valid() && found.ends.size() < wanted.max_ends;
         range.at->Next()) {
        const core::NameEnd end = decode_name_end(key_at(range), view(range.at->value()));
        const auto record = name_record(db, wanted.ns, end.name);
        found.ends.push_back({end, record && record->number == end.number});
    }
    check_names_read(range.at->status());
    return found;
}

}  // namespace baton::storage
