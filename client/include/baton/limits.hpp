#pragma once
// Limits on what a queue delivers, and what holds it back. Plain values.

#include <chrono>
#include <cstdint>

namespace baton {

/// `permits` deliveries in each `per`, and at most `burst` saved up.
struct RateLimit {
    /// 0 = no limit.
    std::uint64_t permits = 0;
    std::chrono::milliseconds per{0};
    /// 0 = as many as `permits`.
    std::uint64_t burst = 0;
};

/// Why a queue delivers nothing, whatever waits. The numbers are those of the protocol.
enum class Hold : std::uint8_t {
    none = 0,
    paused = 1,
    paused_until = 2,
    penalty = 3,
    rate = 4,
    in_flight = 5,
    restart = 6,
};
const char* to_text(Hold hold);

}  // namespace baton
