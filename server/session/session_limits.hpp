#pragma once
// Bounds of the session layer that no other part needs; those that clients are told are in server/core/limits.hpp.

#include <cstddef>
#include <cstdint>

namespace baton::session::limits {

/// The first frame must be complete this long after the connection was accepted.
inline constexpr std::int64_t hello_ms_max = 5'000;
/// Connections that have not said Hello yet.
inline constexpr std::uint32_t unopened_max = 1'024;
inline constexpr std::int64_t heartbeat_ms = 30'000;
/// A connection from which nothing came for this long is dead.
inline constexpr std::int64_t silence_ms_max = 90'000;

/// Requests other than Produce; bounds what parsing can amplify.
inline constexpr std::size_t small_request_bytes_max = 1024 * 1024;
inline constexpr int nesting_max = 16;
inline constexpr std::size_t namespace_bytes_max = 255;
inline constexpr std::size_t client_name_bytes_max = 255;
inline constexpr std::size_t directory_bytes_max = 4'096;
/// Messages that RetryFailed may name.
inline constexpr std::size_t offsets_max = 65'536;
inline constexpr std::size_t held_batches_max = 65'536;

inline constexpr std::size_t block_bytes = 256 * 1024;
/// A produce smaller than this is copied out of its block, which it would pin otherwise.
inline constexpr std::size_t pin_bytes_min = 16 * 1024;
/// Runs smaller than this are copied into the out-buffer, where a slice would cost more.
inline constexpr std::size_t slice_bytes_min = 1024;

/// Above this a connection's requests are not read until half of it is written.
inline constexpr std::size_t out_bytes_pause = 4 * 1024 * 1024;
/// Above this the connection is closed. Room for the largest message and a full credit.
inline constexpr std::size_t out_bytes_max = 32 * 1024 * 1024;
/// Above this, for all connections together, the one that has been stuck longest is closed.
inline constexpr std::size_t out_bytes_total_max = 64 * 1024 * 1024;
/// A connection that takes no byte of what waits for it for this long is dead.
inline constexpr std::int64_t stuck_ms_max = 30'000;

}  // namespace baton::session::limits
