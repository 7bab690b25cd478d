#include "cli/units.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <ctime>
#include <limits>
#include <map>
#include <stdexcept>

namespace baton::cli {

namespace {

struct Quantity {
    std::int64_t number = 0;
    std::string unit;
};

Quantity split_quantity(const std::string& text, const char* what) {
    Quantity quantity;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), quantity.number);
    if (error != std::errc() || quantity.number < 0) {
        throw std::invalid_argument(fmt::format("'{}' is not a {}", text, what));
    }
    quantity.unit.assign(end, text.data() + text.size());
    return quantity;
}

std::int64_t scaled(const Quantity& quantity, const std::map<std::string, std::int64_t>& units, const std::string& text,
                    const char* what) {
    const auto unit = units.find(quantity.unit);
    if (unit == units.end() || quantity.number > std::numeric_limits<std::int64_t>::max() / unit->second) {
        throw std::invalid_argument(fmt::format("'{}' is not a {}", text, what));
    }
    return quantity.number * unit->second;
}

}  // namespace

std::chrono::milliseconds parse_duration(const std::string& text) {
    static const std::map<std::string, std::int64_t> units{{"ms", 1},     {"", 1'000},      {"s", 1'000},
                                                           {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
    constexpr const char* what = "duration (250ms, 10s, 5m, 2h, 7d)";
    return std::chrono::milliseconds(scaled(split_quantity(text, what), units, text, what));
}

std::uint64_t parse_size(const std::string& text) {
    static const std::map<std::string, std::int64_t> units{
        {"", 1}, {"K", 1LL << 10}, {"M", 1LL << 20}, {"G", 1LL << 30}};
    constexpr const char* what = "size (512, 64K, 16M, 1G)";
    return static_cast<std::uint64_t>(scaled(split_quantity(text, what), units, text, what));
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
