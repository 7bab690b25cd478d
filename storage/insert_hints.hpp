#pragma once
// Where a memtable begins to look for the place of a new record: for some kinds, where the last of that kind went.
// Without, each insert of a record that does not follow the one before it searches from the top, which is most of what
// a job in a lane costs.

#include <rocksdb/slice_transform.h>

#include <memory>

namespace baton::storage {

/// For memtable_insert_with_hint_prefix_extractor. A hint a kind, not a queue: each takes a fifth of a kilobyte of
/// every memtable. RocksDB 7.8 must not be given a hint for the first key of a range that is deleted: it keeps such
/// ranges in a list of their own, and the hint of the one leads into the other (its fault 12558, an abort). So a key
/// has a hint only when it is as long as the key of one record; ranges begin with a shorter or a longer one
/// (write_batch.cpp).
std::shared_ptr<const rocksdb::SliceTransform> insert_hints();

}  // namespace baton::storage
