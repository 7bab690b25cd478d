#include "server/core/word_pattern.hpp"

#include "server/core/limits.hpp"
#include "server/core/queue_settings.hpp"

#include <algorithm>
#include <cstddef>

namespace baton::core {

namespace {

bool is_wildcard(std::string_view word) { return word == "*" || word == "#" || word == ">"; }

/// Whether the words from `from` on match the pattern's from `at` on: after a `#` the shortest that fits is taken, and
/// made longer when what follows does not.
bool words_match(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& words) {
    constexpr std::size_t none = static_cast<std::size_t>(-1);
    std::size_t at = 0, word = 0, open = none, open_word = 0;
    while (word < words.size()) {
        if (at < pattern.size() && pattern[at] == ">" && at + 1 == pattern.size()) {
            return true;
        }
        if (at < pattern.size() && pattern[at] == "#") {
            open = at++;
            open_word = word;
        } else if (at < pattern.size() && (pattern[at] == "*" || pattern[at] == words[word])) {
            ++at;
            ++word;
        } else if (open != none) {
            at = open + 1;
            word = ++open_word;
        } else {
            return false;
        }
    }
    return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(at), pattern.end(),
                       [](std::string_view rest) { return rest == "#"; });
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view name) {
    std::vector<std::string_view> words;
    while (true) {
        const std::size_t dot = name.find('.');
        words.push_back(name.substr(0, dot));
        if (dot == std::string_view::npos) {
            return words;
        }
        name.remove_prefix(dot + 1);
    }
}

bool is_pattern(std::string_view pattern) {
    const auto words = words_of(pattern);
    return std::any_of(words.begin(), words.end(), is_wildcard);
}

bool name_matches(std::string_view pattern, std::string_view name) {
    return words_match(words_of(pattern), words_of(name));
}

std::optional<Refusal> check_pattern(const std::string& pattern, const char* field) {
    if (pattern.empty() || pattern.size() > limits::name_bytes_max) {
        return invalid(field, "a pattern of topics has 1 to 255 bytes", limits::name_bytes_max);
    }
    const auto words = words_of(pattern);
    if (static_cast<std::size_t>(std::count(words.begin(), words.end(), "#")) > limits::pattern_hashes_max) {
        return invalid(field, "at most 4 words of a pattern are '#'", limits::pattern_hashes_max);
    }
    for (const std::string_view word : words) {
        if (word == ">" && word.data() != words.back().data()) {
            return invalid(field, "'>' stands for the rest and is the last word");
        }
        if (is_wildcard(word)) {
            continue;
        }
        if (word.find_first_of("*#>") != std::string_view::npos) {
            return invalid(field, "'*', '#' and '>' are words of their own, as in order.*.eu");
        }
        if (word.empty()) {
            return invalid(field, "a pattern has no empty word");
        }
        if (auto fault = check_name(std::string(word), field)) {
            return fault;
        }
    }
    return std::nullopt;
}

}  // namespace baton::core
