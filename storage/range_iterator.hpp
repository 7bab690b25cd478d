#pragma once
// An iterator over one range of keys. Included by the sources of storage only; one thread.

#include "storage/keys.hpp"
#include "storage/slices.hpp"

#include <rocksdb/db.h>

#include <memory>

namespace baton::storage {

struct RangeIterator {
    RangeIterator(rocksdb::DB& db, const KeyRange& range, const rocksdb::Snapshot* snapshot = nullptr)
        : bounds(range), begin(slice(bounds.begin)), end(slice(bounds.end)) {
        options.iterate_lower_bound = &begin;
        options.iterate_upper_bound = &end;
        options.fill_cache = false;
        options.snapshot = snapshot;
        at.reset(db.NewIterator(options));
    }
    KeyRange bounds;
    rocksdb::Slice begin, end;
    rocksdb::ReadOptions options;
    std::unique_ptr<rocksdb::Iterator> at;
};

}  // namespace baton::storage
