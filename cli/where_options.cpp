#include "cli/where_options.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <stdexcept>
#include <string_view>

namespace baton::cli {

namespace {

constexpr const char* name_key = "@name";

double number_of(const std::string& text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw std::invalid_argument("'" + text + "' is no number");
    }
    return number;
}

std::vector<std::string> alternatives(const std::string& text) {
    std::vector<std::string> all(1);
    for (const char c : text) {
        if (c == '|') {
            all.emplace_back();
        } else {
            all.back() += c;
        }
    }
    return all;
}

std::string header_of(const std::string& key) { return key == name_key ? std::string() : key; }

FilterCondition parse_condition(const std::string& text) {
    // The operators that end in = come before the bare one.
    static constexpr std::array<std::string_view, 6> operators{"!=", "^=", "~=", ">=", "<=", "="};
    std::size_t at = std::string::npos;
    std::string_view found;
    for (const std::string_view one : operators) {
        const std::size_t position = text.find(one);
        if (position != std::string::npos && (at == std::string::npos || position < at)) {
            at = position;
            found = one;
        }
    }
    if (at == std::string::npos) {
        const bool absent = text.starts_with('!');
        const FilterCondition there = FilterCondition::exists(header_of(text.substr(absent ? 1 : 0)));
        if (text.find_first_of("<>") != std::string::npos) {
            throw std::invalid_argument("'" + text + "' is no condition: bounds are KEY>=NUMBER and KEY<=NUMBER");
        }
        if (text.size() == (absent ? 1 : 0)) {
            throw std::invalid_argument("a condition names a header");
        }
        return absent ? !there : there;
    }
    if (text.starts_with('!')) {
        throw std::invalid_argument("'" + text + "' is no condition: !KEY, or KEY!=VALUE");
    }
    const std::string key = text.substr(0, at), value = text.substr(at + found.size());
    if (key.empty()) {
        throw std::invalid_argument("'" + text + "' names no header (@name is the name of the message)");
    }
    const std::string header = header_of(key);
    if (found == "^=") {
        return FilterCondition::prefix(header, value);
    }
    if (found == "~=") {
        return FilterCondition::pattern(header, value);
    }
    if (found == ">=") {
        return FilterCondition::at_least(header, number_of(value));
    }
    if (found == "<=") {
        return FilterCondition::at_most(header, number_of(value));
    }
    const FilterCondition equal = value.find('|') == std::string::npos
                                      ? FilterCondition::equals(header, value)
                                      : FilterCondition::one_of(header, alternatives(value));
    return found == "!=" ? !equal : equal;
}

}  // namespace

std::optional<Filter> WhereOptions::filter() const {
    if (conditions.empty()) {
        return std::nullopt;
    }
    Filter out;
    out.any = any;
    for (const std::string& condition : conditions) {
        out.conditions.push_back(parse_condition(condition));
    }
    return out;
}

std::shared_ptr<WhereOptions> add_where_options(CLI::App& command) {
    const auto where = std::make_shared<WhereOptions>();
    CLI::Option* conditions =
        command
            .add_option(
                "--where", where->conditions,
                "Only messages with a header KEY=VALUE, KEY=A|B, KEY!=VALUE, KEY^=PREFIX, KEY~=WORDS.*, KEY>=NUMBER, "
                "KEY<=NUMBER, KEY (is there), !KEY; @name is the name of the message")
            ->type_size(1);
    command.add_flag("--any", where->any, "One condition that holds is enough")->needs(conditions);
    return where;
}

std::string to_text(const FilterCondition& condition) {
    const std::string key = condition.header.empty() ? name_key : condition.header;
    const std::string value = fmt::format("{}", fmt::join(condition.values, "|"));
    switch (condition.test) {
        case FilterCondition::Test::equals:
        case FilterCondition::Test::one_of:
            return key + (condition.negated ? "!=" : "=") + value;
        case FilterCondition::Test::prefix:
            return (condition.negated ? "not " : "") + key + "^=" + value;
        case FilterCondition::Test::pattern:
            return (condition.negated ? "not " : "") + key + "~=" + value;
        case FilterCondition::Test::exists:
            return (condition.negated ? "!" : "") + key;
        case FilterCondition::Test::range:
            break;
    }
    const std::string from = condition.from ? fmt::format(">={}", *condition.from) : "";
    const std::string to = condition.to ? fmt::format("<={}", *condition.to) : "";
    return (condition.negated ? "not " : "") + key + from + to;
}

boost::json::object to_json(const Filter& filter) {
    boost::json::array conditions;
    for (const FilterCondition& condition : filter.conditions) {
        conditions.emplace_back(to_text(condition));
    }
    return {{"any", filter.any}, {"conditions", conditions}};
}

}  // namespace baton::cli
