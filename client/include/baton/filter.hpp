#pragma once
// Which messages of a topic are wanted, by their names and headers.
//
//     baton::Filter{{baton::FilterCondition::equals("region", "eu"), baton::FilterCondition::at_least("amount", 100)}}
//
// Plain values.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace baton {

/// Where `header` is empty the name of the message is meant.
struct FilterCondition {
    enum class Test : std::uint8_t { equals, one_of, prefix, range, exists, pattern };

    std::string header;
    Test test = Test::exists;
    /// One for equals, prefix and pattern; at most 64.
    std::vector<std::string> values = {};
    /// Of a range: the header is a decimal number in it, bounds included.
    std::optional<double> from = {}, to = {};
    /// The test must fail. What is not there fails every test.
    bool negated = false;

    static FilterCondition equals(std::string header, std::string value) {
        return {std::move(header), Test::equals, {std::move(value)}};
    }
    static FilterCondition one_of(std::string header, std::vector<std::string> values) {
        return {std::move(header), Test::one_of, std::move(values)};
    }
    static FilterCondition prefix(std::string header, std::string begin) {
        return {std::move(header), Test::prefix, {std::move(begin)}};
    }
    static FilterCondition range(std::string header, double from, double to) {
        return {std::move(header), Test::range, {}, from, to};
    }
    static FilterCondition at_least(std::string header, double from) {
        return {std::move(header), Test::range, {}, from, {}};
    }
    static FilterCondition at_most(std::string header, double to) {
        return {std::move(header), Test::range, {}, {}, to};
    }
    static FilterCondition exists(std::string header) { return {std::move(header), Test::exists}; }
    /// Words separated by dots: * is one, # any number, > one or more at the end.
    static FilterCondition pattern(std::string header, std::string words) {
        return {std::move(header), Test::pattern, {std::move(words)}};
    }
    FilterCondition operator!() const {
        FilterCondition opposite = *this;
        opposite.negated = !negated;
        return opposite;
    }
    bool operator==(const FilterCondition&) const = default;
};

struct Filter {
    /// At most 16; none lets everything through.
    std::vector<FilterCondition> conditions = {};
    /// One that holds is enough; else all must.
    bool any = false;
    bool operator==(const Filter&) const = default;
};

}  // namespace baton
