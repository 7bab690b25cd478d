#pragma once
// Whether a topic is one of a pattern, as the server decides it (protocol.md, CreateSubscription).

#include <string_view>

namespace baton::detail {

/// Words separated by dots, none of them empty; a wildcard is a word of its own, `>` the last one.
bool is_topic_pattern(std::string_view pattern);
/// * is one word, # any number, none too, > one or more at the end.
bool topic_matches(std::string_view pattern, std::string_view topic);

}  // namespace baton::detail
