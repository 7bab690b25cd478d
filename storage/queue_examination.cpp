#include "storage/queue_examination.hpp"

#include "storage/damage.hpp"
#include "storage/range_iterator.hpp"
#include "storage/store.hpp"

#include <fmt/format.h>

#include <utility>

namespace baton::storage {

namespace {

constexpr std::uint64_t slice_records = 256;

void check_examined(const rocksdb::Status& status) {
    if (!status.ok()) {
        throw StorageFailure(fmt::format("cannot read for the examination: {}", status.ToString()));
    }
}

}  // namespace

void QueueExamination::each(const KeyRange& range, const Each& what) {
    RangeIterator records(db_, range, snapshot_);
    for (records.at->SeekToFirst(); records.at->Valid() && !out_.stopped; records.at->Next()) {
        if (++out_.records % slice_records == 0 && wanted_.go_on && !wanted_.go_on()) {
            out_.stopped = true;
            return;
        }
        const auto key = parse_key(view(records.at->key()));
        try {
            if (!key) {
                throw Damage(describe_key(view(records.at->key())));
            }
            what(*key, view(records.at->value()));
        } catch (const Damage& damage) {
            say(Ailment::Kind::damage, damage.what());
        }
    }
    check_examined(records.at->status());
}

std::optional<std::string> QueueExamination::value_at(const Key& key) {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    options.fill_cache = false;
    std::string value;
    const rocksdb::Status status = db_.Get(options, slice(key), &value);
    if (status.IsNotFound()) {
        return std::nullopt;
    }
    check_examined(status);
    return value;
}

void QueueExamination::say(Ailment::Kind kind, std::string text) {
    out_.found += 1;
    if (out_.ailments.size() < Examination::ailments_max) {
        out_.ailments.push_back({kind, queue_.name, std::move(text)});
    }
}

void QueueExamination::check_count(const char* what, std::uint64_t counted, std::uint64_t there) {
    if (counted != there && !out_.stopped) {
        say(Ailment::Kind::counter, fmt::format("{}: counts {}, has {}", what, counted, there));
    }
}

void QueueExamination::run() {
    plain();
    lanes();
    locators();
    leases();
    names();
    check_count("bytes of messages that are not done", state_.live_bytes, live_bytes_);
}

}  // namespace baton::storage
