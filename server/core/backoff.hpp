#pragma once
// How long a failed message waits before it is tried again. Plain values and pure functions.

#include "server/core/ids.hpp"
#include "server/core/refusal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton::core {

struct Backoff {
    // Stored on disk and sent on the wire: do not change these values.
    enum class Kind : std::uint8_t { fixed = 1, linear = 2, exponential = 3, list = 4 };
    Kind kind = Kind::exponential;
    std::int64_t base_ms = 1'000;
    std::int64_t cap_ms = 3'600'000;
    std::uint32_t jitter_permille = 200;
    std::vector<std::int64_t> list_ms;

    bool operator==(const Backoff&) const = default;
};

/// The wait after the failure of this number; jitter follows from queue, offset and number alone.
DurationMs backoff_delay(const Backoff& backoff, QueueId queue, Offset offset, std::uint32_t failures);
/// The first part that breaks its limit, named below `field`.
std::optional<Refusal> check_backoff(const Backoff& backoff, const std::string& field);

}  // namespace baton::core
