#pragma once
// The part of limits.hpp that is about looking at queues from outside.

#include <cstdint>

namespace baton::core::limits {

/// Priorities that one request counts, and messages that it looks at before others have their turn.
inline constexpr std::uint32_t priorities_per_request_max = 100, priority_slice_messages = 2'048;
/// How many minutes of a queue are remembered, the running one among them.
inline constexpr std::uint32_t job_minutes_max = 1'440;

}  // namespace baton::core::limits
