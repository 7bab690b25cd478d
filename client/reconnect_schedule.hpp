#pragma once
// When to dial again. A pure function: the caller brings the random number.

#include <chrono>
#include <cstdint>

namespace baton::detail {

/// Exponential back-off with full jitter: `random` in [0, 1) picks a time below min(cap, base * 2^attempt). Spreading
/// over the whole interval keeps thousands of clients of a restarted server from coming back in waves.
std::chrono::milliseconds reconnect_delay(std::uint32_t attempt, std::chrono::milliseconds base,
                                          std::chrono::milliseconds cap, double random);

}  // namespace baton::detail
