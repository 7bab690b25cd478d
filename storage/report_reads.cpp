// Reads of what jobs say about themselves.
#include "storage/damage.hpp"
#include "storage/finished_keys.hpp"
#include "storage/range_iterator.hpp"
#include "storage/reads.hpp"
#include "storage/report_codec.hpp"
#include "storage/report_keys.hpp"
#include "storage/slices.hpp"

#include <rocksdb/db.h>

namespace baton::storage {

namespace {

ParsedKey report_key_at(const RangeIterator& range) {
    const auto key = parse_key(view(range.at->key()));
    if (!key || key->kind != KeyKind::report) {
        throw Damage(describe_key(view(range.at->key())));
    }
    return *key;
}

bool has_key(rocksdb::DB& db, const Key& key, std::string& value) {
    const rocksdb::Status status = db.Get(rocksdb::ReadOptions(), slice(key), &value);
    if (status.IsNotFound()) {
        return false;
    }
    check_read(status, "cannot read a record");
    return true;
}

}  // namespace

core::ReportRead read_stored(rocksdb::DB& db, const core::ReadReport& wanted) {
    RangeIterator range(db, reports_range(wanted.ns, wanted.id, wanted.offset, wanted.offset + 1));
    core::ReportRead found;
    for (range.at->SeekToFirst(); range.at->Valid(); range.at->Next()) {
        decode_report(report_key_at(range), view(range.at->value()), found);
    }
    check_read(range.at->status(), "cannot read what a job said");
    return found;
}

core::ReportedRead read_stored(rocksdb::DB& db, const core::ReadReported& wanted) {
    RangeIterator range(
        db, {report_key(wanted.ns, wanted.id, wanted.from, 0), queue_range(wanted.ns, wanted.id, KeyKind::report).end});
    core::ReportedRead found;
    std::string value;
    for (range.at->SeekToFirst(); range.at->Valid() && found.jobs.size() < wanted.max_jobs;) {
        const core::Offset offset = report_key_at(range).seq;
        // A locator is there exactly while its lane record is.
        const bool has_record =
            has_key(db, locator_key(wanted.ns, wanted.id, offset), value) ||
            has_key(db, failed_key(wanted.ns, wanted.id, wanted.failed_generation, offset), value) ||
            has_key(db, completed_key(wanted.ns, wanted.id, wanted.completed_generation, offset), value);
        found.jobs.push_back({offset, has_record});
        const Key next = report_key(wanted.ns, wanted.id, offset + 1, 0);
        range.at->Seek(slice(next));
    }
    check_read(range.at->status(), "cannot read what jobs said");
    found.at_end = !range.at->Valid();
    return found;
}

}  // namespace baton::storage
