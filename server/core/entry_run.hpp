#pragma once
// Entries as they travel: the wire bytes of a produce, kept in the buffer they arrived in and passed by slices from
// the socket to the write batch and to the consumers' sockets. Nothing here copies or decodes a payload.
//
// Everything is immutable once built, so runs may be read by several threads at once.

#include "server/core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace baton::core {

/// Where each entry lies in its buffer. Kept apart from the bytes, since a lease needs the sizes for as long as it
/// lives but must not pin the bodies.
struct EntryIndex {
    /// Entry i is bytes [bounds[i], bounds[i + 1]) of the buffer, wire tag and length included; size = count + 1.
    std::vector<std::uint32_t> bounds;
    /// Low 32 bits of XXH3 over the same bytes; bound to an identity by `bind_checksum` when stored.
    std::vector<std::uint32_t> checksums;

    std::uint32_t count() const { return static_cast<std::uint32_t>(checksums.size()); }
};

/// Bytes that live as long as anyone refers to them. `owner` keeps `view` valid.
struct Buffer {
    std::shared_ptr<const void> owner;
    std::string_view view;
    /// How much the owner keeps in memory, when that is more than the view.
    std::size_t owner_bytes = 0;
};

/// `count` adjacent entries of one buffer, starting at entry `from`.
struct EntryRun {
    Buffer buffer;
    std::shared_ptr<const EntryIndex> index;
    std::uint32_t from = 0;
    std::uint32_t count = 0;

    /// The wire bytes of the whole run: one slice.
    std::string_view bytes() const {
        const std::uint32_t begin = index->bounds[from];
        return buffer.view.substr(begin, index->bounds[from + count] - begin);
    }
    std::uint32_t size_of(std::uint32_t i) const { return index->bounds[from + i + 1] - index->bounds[from + i]; }
    std::uint32_t checksum_of(std::uint32_t i) const { return index->checksums[from + i]; }
    /// The part [first, first + n) of this run, sharing its bytes.
    EntryRun slice(std::uint32_t first, std::uint32_t n) const { return EntryRun{buffer, index, from + first, n}; }
    /// For who keeps the run for long: in memory of its own where it would keep alive much more than itself, else the
    /// same.
    EntryRun apart() const;
};

/// Binds the checksum of an entry to where it is stored, so that bytes that turn up under another log or offset do
/// not pass as intact. Its own inverse in `checksum`.
constexpr std::uint32_t bind_checksum(std::uint32_t checksum, QueueId log, Offset offset) {
    std::uint64_t h = (value(log) * 0x9E3779B97F4A7C15ULL) ^ (offset + 0x7F4A7C159E3779B9ULL);
    h ^= h >> 29;
    h *= 0xBF58476D1CE4E5B9ULL;
    h ^= h >> 32;
    return checksum ^ static_cast<std::uint32_t>(h);
}

}  // namespace baton::core
