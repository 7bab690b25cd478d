#pragma once
// A consistent copy of a running database, synced, with a digest over names and contents that a restore checks.
//
//   <backup>/db/*     RocksDB's files        <backup>/FORMAT  as in a data directory
//   <backup>/DIGEST   lines "<xxh3-64 in hex> <bytes> <name>", sorted by name; the last line is
//                     "total <xxh3-64 of all lines before> commit <seq>"
//
// A restore is a copy of the directory: batond opens it as a data directory, and checks it the first time.

#include "storage/store.hpp"

#include <string>

namespace baton::storage {

/// Syncs every file below `directory` and writes DIGEST. Throws std::runtime_error.
BackupResult seal_backup(const std::string& directory, std::uint64_t commit_seq);

/// A data directory that has a DIGEST is a copy of a backup, opened for the first time: verifies it, then removes the
/// DIGEST, which no longer holds once something is written. Throws std::runtime_error.
void admit_restored(const std::string& directory);

}  // namespace baton::storage
