#pragma once
// The bounds of ids and deduplication keys; part of limits.hpp.

#include <cstddef>
#include <cstdint>

namespace baton::core::limits {

/// An id or a deduplication key.
inline constexpr std::size_t identity_bytes_max = 256;
/// Names whose holders are known without a read, of all queues together.
inline constexpr std::size_t names_known_max = 65'536;
inline constexpr std::uint64_t id_memory_count_max = 1'000'000'000;
/// Bodies of what is parked behind leased holders, of all queues together; they are in memory.
inline constexpr std::size_t parked_bytes_max = 64 * 1024 * 1024;

}  // namespace baton::core::limits
