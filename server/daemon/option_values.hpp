#pragma once
// How values of options are written: sizes and durations with a unit, booleans.

#include <cstdint>
#include <optional>
#include <string>

namespace baton::daemon {

/// `4096`, `64KiB`, `32MiB`, `1GiB` (or K, M, G) in bytes.
std::optional<std::uint64_t> parse_size(const std::string& text);
/// `0`, `250ms`, `5s`, `2m`, `1h` in milliseconds.
std::optional<std::int64_t> parse_duration(const std::string& text);
/// true, false, 1, 0, yes, no, on, off.
std::optional<bool> parse_bool(const std::string& text);

}  // namespace baton::daemon
