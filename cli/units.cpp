#include "cli/units.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <limits>
#include <map>
#include <stdexcept>

namespace baton::cli {

namespace {

/// `text` is digits, perhaps with a fraction, and a unit; the value in the smallest unit, exactly. What is not whole
/// there is refused rather than rounded.
std::int64_t scaled(const std::string& text, const std::map<std::string, std::int64_t>& units, const char* what) {
    const auto refuse = [&]() -> std::int64_t {
        throw std::invalid_argument(fmt::format("'{}' is not a {}", text, what));
    };
    const std::size_t whole_end = std::min(text.find_first_not_of("0123456789"), text.size());
    std::size_t unit_begin = whole_end;
    std::string digits = text.substr(0, whole_end);
    if (unit_begin < text.size() && text[unit_begin] == '.') {
        unit_begin = std::min(text.find_first_not_of("0123456789", whole_end + 1), text.size());
        digits += text.substr(whole_end + 1, unit_begin - whole_end - 1);
        // A point and nothing behind it, or more digits than any unit has parts.
        if (digits.size() == whole_end || digits.size() > whole_end + 9) {
            return refuse();
        }
    }
    const auto unit = units.find(text.substr(unit_begin));
    std::int64_t number = 0, divisor = 1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (whole_end == 0 || unit == units.end() || error != std::errc() || end != digits.data() + digits.size()) {
        return refuse();
    }
    for (std::size_t i = whole_end; i < digits.size(); ++i) {
        divisor *= 10;
    }
    if (number > std::numeric_limits<std::int64_t>::max() / unit->second || number * unit->second % divisor != 0) {
        return refuse();
    }
    return number * unit->second / divisor;
}

}  // namespace

std::chrono::milliseconds parse_duration(const std::string& text) {
    static const std::map<std::string, std::int64_t> units{{"ms", 1},     {"", 1'000},      {"s", 1'000},
                                                           {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
    constexpr const char* what = "duration (250ms, 1.5s, 5m, 2h, 7d)";
    return std::chrono::milliseconds(scaled(text, units, what));
}

std::uint64_t parse_size(const std::string& text) {
    static const std::map<std::string, std::int64_t> units{
        {"", 1}, {"K", 1LL << 10}, {"M", 1LL << 20}, {"G", 1LL << 30}};
    constexpr const char* what = "size (512, 64K, 16M, 1G)";
    return static_cast<std::uint64_t>(scaled(text, units, what));
}

std::int64_t parse_time_ms(const std::string& text) {
    std::tm parts{};
    const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (rest != nullptr && *rest == '\0') {
        return static_cast<std::int64_t>(::timegm(&parts)) * 1'000;
    }
    std::int64_t ms = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw std::invalid_argument(fmt::format("'{}' is not a time (2026-11-25T08:00:00Z, or ms since 1970)", text));
    }
    return ms;
}

std::string format_time(std::int64_t ms) {
    const std::time_t seconds = static_cast<std::time_t>(ms / 1'000);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), ms % 1'000);
}

std::string format_duration(std::chrono::milliseconds duration) {
    const std::int64_t ms = duration.count();
    if (ms < 1'000) {
        return fmt::format("{}ms", ms);
    }
    if (ms < 60'000) {
        return ms % 1'000 == 0 ? fmt::format("{}s", ms / 1'000)
                               : fmt::format("{:.1f}s", static_cast<double>(ms) / 1'000);
    }
    if (ms < 3'600'000) {
        return fmt::format("{}m{}s", ms / 60'000, ms / 1'000 % 60);
    }
    if (ms < 86'400'000) {
        return fmt::format("{}h{}m", ms / 3'600'000, ms / 60'000 % 60);
    }
    return fmt::format("{}d{}h", ms / 86'400'000, ms / 3'600'000 % 24);
}

}  // namespace baton::cli
