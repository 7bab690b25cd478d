#pragma once
// The file system that RocksDB writes through: the given one, but log files get their size with their space.

#include <memory>

namespace rocksdb {
class Env;
}

namespace baton::storage {

/// Wraps the file system of `base` (not owned, outlives the result). A log file is allocated ahead by RocksDB either
/// way; with its size set at the same time an fdatasync finds no changed metadata, which saves the file system's
/// journal commit: a third of a small commit's time on ext4. What lies behind the last record after a crash is zeros,
/// which both the scan (rule R6) and RocksDB pass over. Any thread.
std::unique_ptr<rocksdb::Env> sized_log_files(rocksdb::Env& base);

}  // namespace baton::storage
