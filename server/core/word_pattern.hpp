#pragma once
// Patterns of names that are words separated by dots: `*` is one word, `#` any number of them, none too, anywhere, and
// `>` one or more at the end. What has none of these stands for itself.

#include "server/core/refusal.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::core {

/// The words of a name; an empty name is one empty word.
std::vector<std::string_view> words_of(std::string_view name);
/// Some word of it is a wildcard.
bool is_pattern(std::string_view pattern);
/// The name is one that the pattern stands for. At most the product of their words is looked at.
bool name_matches(std::string_view pattern, std::string_view name);
/// What is wrong with a pattern of topics, if anything; `field` is named in the refusal. A wildcard is a word of its
/// own,
/// `>` the last one; else the rules of names hold.
std::optional<Refusal> check_pattern(const std::string& pattern, const char* field);

}  // namespace baton::core
