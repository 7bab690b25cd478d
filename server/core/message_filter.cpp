#include "server/core/message_filter.hpp"

#include "server/core/entry_fields.hpp"
#include "server/core/limits.hpp"
#include "server/core/word_pattern.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace baton::core {

namespace {

std::optional<double> number_of(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
        return std::nullopt;
    }
    return number;
}

bool in_range(const FilterCondition& condition, std::string_view value) {
    const auto number = number_of(value);
    return number && (!condition.from || *number >= *condition.from) && (!condition.to || *number <= *condition.to);
}

bool passes(const FilterCondition& condition, std::string_view value) {
    switch (condition.test) {
        case FilterTest::equals:
        case FilterTest::in:
            return std::find(condition.values.begin(), condition.values.end(), value) != condition.values.end();
        case FilterTest::prefix:
            return value.starts_with(condition.values.front());
        case FilterTest::range:
            return in_range(condition, value);
        case FilterTest::exists:
            return true;
        case FilterTest::pattern:
            return value.size() <= limits::filter_header_bytes_max && name_matches(condition.values.front(), value);
    }
    return false;
}

bool holds(const FilterCondition& condition, const EntryRun& entry) {
    std::optional<std::string_view> value;
    if (!condition.header.empty()) {
        value = entry_header(entry, condition.header);
    } else if (const std::string_view name = entry_name(entry); !name.empty()) {
        value = name;
    }
    return (value && passes(condition, *value)) != condition.negated;
}

std::optional<Refusal> check_condition(const FilterCondition& condition, const std::string& field) {
    if (condition.header.size() > limits::filter_header_bytes_max) {
        return invalid(field + ".header", "at most 1024 bytes", limits::filter_header_bytes_max);
    }
    const bool one = condition.test == FilterTest::equals || condition.test == FilterTest::prefix ||
                     condition.test == FilterTest::pattern;
    if ((one && condition.values.size() != 1) || (condition.test == FilterTest::in && condition.values.empty())) {
        return invalid(field, "a value is missing");
    }
    if (condition.values.size() > limits::filter_values_max) {
        return invalid(field + ".in", "at most 64 values", limits::filter_values_max);
    }
    if (condition.test == FilterTest::pattern) {
        if (auto fault = check_pattern(condition.values.front(), field.c_str())) {
            return fault;
        }
    }
    for (const std::string& value : condition.values) {
        if (value.size() > limits::filter_header_bytes_max) {
            return invalid(field, "values have at most 1024 bytes", limits::filter_header_bytes_max);
        }
    }
    if (condition.test != FilterTest::range) {
        return std::nullopt;
    }
    const bool sound = (condition.from || condition.to) && std::isfinite(condition.from.value_or(0)) &&
                       std::isfinite(condition.to.value_or(0)) &&
                       (!condition.from || !condition.to || *condition.from <= *condition.to);
    return sound ? std::nullopt
                 : std::optional<Refusal>(invalid(field + ".range", "a range has a bound, and is not empty"));
}

}  // namespace

bool matches(const MessageFilter& filter, const EntryRun& entry) {
    const auto held = [&entry](const FilterCondition& condition) { return holds(condition, entry); };
    const auto& all = filter.conditions;
    return filter.any && !all.empty() ? std::any_of(all.begin(), all.end(), held)
                                      : std::all_of(all.begin(), all.end(), held);
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> matching(const MessageFilter* filter, const EntryRun& run) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges;
    if (filter == nullptr || filter->conditions.empty()) {
        ranges.emplace_back(0, run.count);
        return ranges;
    }
    for (std::uint32_t i = 0; i < run.count; ++i) {
        if (!matches(*filter, run.slice(i, 1))) {
            continue;
        }
        if (!ranges.empty() && ranges.back().first + ranges.back().second == i) {
            ranges.back().second += 1;
        } else {
            ranges.emplace_back(i, 1);
        }
    }
    return ranges;
}

std::optional<Refusal> check_message_filter(const MessageFilter& filter, const std::string& field) {
    if (filter.conditions.size() > limits::filter_conditions_max) {
        return invalid(field + ".conditions", "at most 16 conditions", limits::filter_conditions_max);
    }
    std::size_t bytes = 0;
    for (const FilterCondition& condition : filter.conditions) {
        bytes += condition.header.size();
        for (const std::string& value : condition.values) {
            bytes += value.size();
        }
    }
    if (bytes > limits::filter_bytes_max) {
        return invalid(field, "at most 16 KiB of headers and values", limits::filter_bytes_max);
    }
    for (const FilterCondition& condition : filter.conditions) {
        if (auto fault = check_condition(condition, field + ".conditions")) {
            return fault;
        }
    }
    return std::nullopt;
}

}  // namespace baton::core
