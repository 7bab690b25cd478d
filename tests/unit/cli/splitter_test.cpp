#include "cli/splitter.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using baton::cli::Split;
using baton::cli::Splitter;

namespace {

/// Feeds the bytes in pieces of `step`.
std::vector<std::string> cut(Split split, const std::string& bytes, std::size_t step) {
    std::vector<std::string> messages;
    Splitter splitter(split, 100);
    const auto each = [&](std::string_view message) { messages.emplace_back(message); };
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        splitter.feed(std::string_view(bytes).substr(at, step), each);
    }
    splitter.finish(each);
    return messages;
}

void cuts(Split split, const std::string& bytes, const std::vector<std::string>& expected) {
    for (std::size_t step = 1; step <= bytes.size() + 1; ++step) {
        CHECK(cut(split, bytes, step) == expected);
    }
}

}  // namespace

TEST_CASE("lines become messages, however the bytes arrive") {
    cuts(Split::line, "one\ntwo\n\nlast", {"one", "two", "", "last"});
    cuts(Split::line, "one\n", {"one"});
}

TEST_CASE("NUL ends a message, so that it may hold newlines") {
    cuts(Split::nul, std::string("a\nb\0c\0", 6), {"a\nb", "c"});
}

TEST_CASE("records are separated by any number of empty lines") {
    cuts(Split::blank_line, "a: 1\nb: 2\n\n\n\na: 3\n", {"a: 1\nb: 2", "a: 3"});
    cuts(Split::blank_line, "\n\nonly\n\n", {"only"});
}

TEST_CASE("a message larger than the server takes is refused before all of it was read") {
    Splitter splitter(Split::line, 8);
    std::vector<std::string> messages;
    const auto each = [&](std::string_view message) { messages.emplace_back(message); };
    splitter.feed("12345678\n1234", each);
    splitter.feed("5678", each);
    CHECK(messages == std::vector<std::string>{"12345678"});
    CHECK_THROWS_AS(splitter.feed("9", each), baton::Exception);
}

TEST_CASE("without a split everything is one message, also when it is empty") {
    cuts(Split::none, "a\n\nb", {"a\n\nb"});
    CHECK(cut(Split::none, "", 1) == std::vector<std::string>{""});
}
