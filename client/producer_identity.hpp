#pragma once
// What a producer is known by to the server.

#include <cstdint>

namespace baton::detail {

/// Never 0.
std::uint64_t random_producer_id();
/// Milliseconds since 1970.
std::int64_t wall_clock_ms();

}  // namespace baton::detail
