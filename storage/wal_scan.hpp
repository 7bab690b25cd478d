#pragma once
// The look at RocksDB's write-ahead log before it is opened (rule R7). One committer writes one batch, waits for its
// sync and only then writes the next; so an invalid batch that a later, complete batch knows as synced is damage, and
// an invalid batch at the end is the torn tail of a commit that was never acknowledged. RocksDB itself cannot tell the
// two apart.

#include <cstdint>
#include <string>

namespace baton::storage {

struct WalScan {
    /// Newest commit found intact; 0 when the log is empty.
    std::uint64_t last_commit_seq = 0;
    /// Bytes behind the last intact batch that are not zeros.
    std::uint64_t torn_bytes = 0;
    bool damaged = false;
    /// File and offset of the damage, in words.
    std::string location;
};

/// Reads every log file of the database in `directory`. Throws std::runtime_error when a file cannot be read.
WalScan scan_wal(const std::string& directory);

}  // namespace baton::storage
