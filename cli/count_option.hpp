#pragma once
// The option -n of commands that list things.

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

namespace baton::cli {

/// `count` is at least 1: to the server 0 would mean its default. At most `most` in one page that cannot go on.
template <typename Count>
void add_count_option(CLI::App& command, Count& count, const char* help,
                      std::uint64_t most = std::numeric_limits<Count>::max()) {
    const bool bounded = most != std::numeric_limits<Count>::max();
    const std::string wanted = bounded ? fmt::format("from 1 to {}", most) : "at least 1";
    command.add_option("-n,--count", count, help)
        ->check([most, wanted](const std::string& text) {
            std::uint64_t number = 0;
            const bool sound = CLI::detail::lexical_cast(text, number) && number >= 1 && number <= most;
            return sound ? std::string() : fmt::format("how many is a number, {}, not '{}'", wanted, text);
        })
        ->capture_default_str();
}

}  // namespace baton::cli
