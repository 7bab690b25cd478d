#pragma once
// How RocksDB is opened: tuned for short-lived data, and for stopping at the first error (rules R1 to R4).

#include "storage/store.hpp"

#include <rocksdb/options.h>

#include <atomic>
#include <memory>

namespace baton::storage {

/// `failed` is set by RocksDB's own threads when the database can no longer be trusted; it and `env` must outlive the
/// database.
rocksdb::Options rocks_options(const StoreOptions& options, rocksdb::Env& env,
                               std::shared_ptr<std::atomic<bool>> failed);

}  // namespace baton::storage
