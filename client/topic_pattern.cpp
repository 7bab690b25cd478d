#include "client/topic_pattern.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace baton::detail {

namespace {

/// The first word, and what follows its dot; with `last` nothing follows.
struct Split {
    std::string_view word, rest;
    bool last = false;
};

Split split(std::string_view text) {
    const std::size_t dot = text.find('.');
    return dot == std::string_view::npos ? Split{text, {}, true} : Split{text.substr(0, dot), text.substr(dot + 1)};
}

}  // namespace

bool is_topic_pattern(std::string_view pattern) {
    for (bool last = false; !last;) {
        const Split next = split(pattern);
        const bool wildcard = next.word == "*" || next.word == "#" || next.word == ">";
        const bool plain = !next.word.empty() && next.word.find_first_of("*#>/") == std::string_view::npos;
        if (!(wildcard || plain) || (next.word == ">" && !next.last)) {
            return false;
        }
        pattern = next.rest;
        last = next.last;
    }
    return true;
}

bool topic_matches(std::string_view pattern, std::string_view topic) {
    // reached[i]: the words of the pattern so far can stand for the first i words of the topic.
    std::vector<std::string_view> words;
    for (bool last = false; !last;) {
        const Split next = split(std::exchange(topic, {}));
        words.push_back(next.word);
        topic = next.rest;
        last = next.last;
    }
    std::vector<bool> reached(words.size() + 1, false);
    reached[0] = true;
    for (bool last = false; !last;) {
        const Split next = split(pattern);
        std::vector<bool> after(reached.size(), false);
        bool any = false;
        for (std::size_t i = 0; i < reached.size(); ++i) {
            const bool one = i != 0 && reached[i - 1] && (next.word == "*" || next.word == words[i - 1]);
            const bool rest = next.word == ">" && any;
            any = any || reached[i];
            after[i] = next.word == "#" ? any : one || rest;
        }
        reached = std::move(after);
        pattern = next.rest;
        last = next.last;
    }
    return reached.back();
}

}  // namespace baton::detail
