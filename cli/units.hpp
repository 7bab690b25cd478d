#pragma once
// Durations, times and sizes as people write them. Each throws std::invalid_argument that quotes what was given.

#include <chrono>
#include <cstdint>
#include <string>

namespace baton::cli {

/// "250ms", "1.5s", "5m", "2h", "7d"; a bare number is seconds. What is no whole number of milliseconds is refused.
std::chrono::milliseconds parse_duration(const std::string& text);
/// "512", "64K", "16M", "1G" (powers of 1024).
std::uint64_t parse_size(const std::string& text);
/// "2026-11-25T08:00:00Z", or milliseconds since 1970.
std::int64_t parse_time_ms(const std::string& text);
/// "2026-11-25T08:00:00.000Z"
std::string format_time(std::int64_t ms);
/// "1.5s", "3m20s": the two largest units.
std::string format_duration(std::chrono::milliseconds duration);

}  // namespace baton::cli
