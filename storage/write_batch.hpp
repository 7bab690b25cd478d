#pragma once
// Mutations -> one RocksDB WriteBatch. Bodies are gathered by slices, so each is copied once, into the batch.

#include "server/core/mutation.hpp"
#include "storage/commit_record.hpp"

#include <rocksdb/write_batch.h>

#include <span>

namespace rocksdb {
class DB;
}

namespace baton::storage {

/// Appends the commit record and then every mutation, in order. `db` tells which keys there are where a removal names a
/// range of which most are not; null: none before this batch. Throws StorageFailure.
void fill_batch(const CommitRecord& commit, std::span<const core::Mutation> mutations, rocksdb::WriteBatch& batch,
                rocksdb::DB* db = nullptr);

}  // namespace baton::storage
