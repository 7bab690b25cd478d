#pragma once
// Durations as the protocol counts them.

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace baton::detail {

/// Milliseconds; what is below zero counts as none.
inline std::uint64_t count_of(std::chrono::milliseconds time) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
}

inline std::chrono::milliseconds ms(std::uint64_t count) {
    return std::chrono::milliseconds{static_cast<std::int64_t>(count)};
}

}  // namespace baton::detail
