#include "tests/integration/cli/command_line.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <sstream>

namespace baton::tests {

ProgramResult CommandLine::run(const std::string& line) const {
    const std::string set_up = "baton() { " BATON_PATH " \"$@\"; }; export BATON_SERVER=" + daemon_.address() + "; ";
    return run_program({"/bin/sh", "-c", set_up + line});
}

std::string CommandLine::output(const std::string& line) const {
    ProgramResult result = run(line);
    INFO(line << "\n" << result.output);
    REQUIRE(result.exit_code == 0);
    return std::move(result.output);
}

std::vector<boost::json::object> CommandLine::objects(const std::string& line) const {
    std::istringstream lines(output(line));
    std::vector<boost::json::object> objects;
    for (std::string text; std::getline(lines, text);) {
        INFO(text);
        objects.push_back(boost::json::parse(text).as_object());
    }
    return objects;
}

boost::json::object CommandLine::queue(const std::string& name) const {
    return objects("baton --output json queue show " + name).at(0);
}

}  // namespace baton::tests
