#pragma once
// The command lines of the examples: a verb, then options with one value each.

#include <map>
#include <stdexcept>
#include <string>

namespace examples {

struct Arguments {
    /// What to do; empty when the program does only one thing.
    std::string verb;
    std::map<std::string, std::string> options;

    /// `defaults` names the options that the program has. Throws std::invalid_argument for any other.
    static Arguments of(int argc, char** argv, std::map<std::string, std::string> defaults) {
        Arguments out{{}, std::move(defaults)};
        int next = 1;
        if (next < argc && argv[next][0] != '-') {
            out.verb = argv[next++];
        }
        for (; next < argc; next += 2) {
            const auto option = out.options.find(argv[next]);
            if (option == out.options.end() || next + 1 == argc) {
                throw std::invalid_argument(std::string("no such option, or no value for it: ") + argv[next]);
            }
            option->second = argv[next + 1];
        }
        return out;
    }

    const std::string& operator[](const std::string& option) const { return options.at(option); }
    unsigned long number(const std::string& option) const { return std::stoul(options.at(option)); }
};

}  // namespace examples
