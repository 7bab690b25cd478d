#pragma once
// The record that every batch carries first: which commit it is. It orders commits, tells the write-ahead log scan what
// had been synced, and holds the broker time and the start-up count. A value of fixed size with a checksum.

#include "server/core/ids.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace baton::storage {

struct CommitRecord {
    std::uint64_t commit_seq = 0;
    /// The newest commit known to be synced when this one was built.
    std::uint64_t synced_seq = 0;
    /// Start-up count of the data directory.
    std::uint64_t epoch = 0;
    core::TimeMs time = 0;

    bool operator==(const CommitRecord&) const = default;
};

inline constexpr std::size_t commit_record_bytes = 1 + 4 * 8 + 8;

void encode_commit_record(const CommitRecord& record, char* out);
/// Empty when the bytes are not an intact commit record.
std::optional<CommitRecord> decode_commit_record(std::string_view value);

}  // namespace baton::storage
