#include "server/daemon/option_values.hpp"

#include <charconv>
#include <limits>
#include <string_view>

namespace baton::daemon {

namespace {

struct NumberWithUnit {
    std::uint64_t number = 0;
    std::string_view unit;
};

std::optional<NumberWithUnit> split(const std::string& text) {
    NumberWithUnit out;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, out.number);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    out.unit = std::string_view(end, static_cast<std::size_t>(last - end));
    return out;
}

std::optional<std::uint64_t> scaled(std::uint64_t number, std::uint64_t by) {
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / by) {
        return std::nullopt;
    }
    return number * by;
}

}  // namespace

std::optional<std::uint64_t> parse_size(const std::string& text) {
    const auto value = split(text);
    if (!value) {
        return std::nullopt;
    }
    if (value->unit.empty() || value->unit == "B") {
        return value->number;
    }
    if (value->unit == "K" || value->unit == "KiB") {
        return scaled(value->number, 1ULL << 10);
    }
    if (value->unit == "M" || value->unit == "MiB") {
        return scaled(value->number, 1ULL << 20);
    }
    if (value->unit == "G" || value->unit == "GiB") {
        return scaled(value->number, 1ULL << 30);
    }
    return std::nullopt;
}

std::optional<std::int64_t> parse_duration(const std::string& text) {
    const auto value = split(text);
    if (!value) {
        return std::nullopt;
    }
    std::uint64_t unit_ms = 0;
    if (value->unit == "ms" || (value->unit.empty() && value->number == 0)) {
        unit_ms = 1;
    } else if (value->unit == "s") {
        unit_ms = 1'000;
    } else if (value->unit == "m") {
        unit_ms = 60'000;
    } else if (value->unit == "h") {
        unit_ms = 3'600'000;
    } else {
        return std::nullopt;
    }
    const auto ms = scaled(value->number, unit_ms);
    return ms ? std::optional(static_cast<std::int64_t>(*ms)) : std::nullopt;
}

std::optional<bool> parse_bool(const std::string& text) {
    if (text == "true" || text == "1" || text == "yes" || text == "on") {
        return true;
    }
    if (text == "false" || text == "0" || text == "no" || text == "off") {
        return false;
    }
    return std::nullopt;
}

}  // namespace baton::daemon
