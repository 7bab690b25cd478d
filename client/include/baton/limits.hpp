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
    /// Of a group in strict order: its first message waits to be tried again.
    retry = 70,
};
const char* to_text(Hold hold);

/// Whether messages of a group may run side by side. The numbers are those of the protocol.
enum class GroupOrder : std::uint8_t {
    unspecified = 0,
    /// Messages of a group may run side by side.
    none = 1,
    /// One of a group in flight; the next goes out when it is done, also while it waits to be tried again.
    strict = 2,
};
enum class GroupOverflow : std::uint8_t {
    unspecified = 0,
    reject = 1,
    drop_oldest = 2,
    /// Needs a dead_letter_queue.
    dead_letter_oldest = 3,
};
const char* to_text(GroupOrder order);
const char* to_text(GroupOverflow overflow);

/// What stands behind a provider that said to slow down.
enum class RateLimitScope : std::uint8_t { queue, group };

}  // namespace baton
