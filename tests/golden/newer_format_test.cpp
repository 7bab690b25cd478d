// What a later build wrote is refused with its own exit code, and left as it is.
#include "tests/golden/golden_directory.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

namespace baton::test {

namespace {

constexpr int newer_format = 76;

std::string text_of(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("a data directory of a newer format, or one that requires an unknown feature, is refused") {
    const GoldenDirectory golden;
    const std::string file = golden.path() + "/FORMAT";
    const std::string format = text_of(file);
    REQUIRE(format.starts_with("baton-data 1 "));
    const auto [changed, named] = GENERATE(
        table<std::string, std::string>({{"baton-data 2 ", "format 2"}, {"baton-data 1 ", "'flying-messages'"}}));
    std::string text = changed + format.substr(changed.size());
    if (named == "'flying-messages'") {
        text += "requires flying-messages\n";
    }
    std::ofstream(file) << text;

    const Ending refused = DaemonProcess(golden.arguments(), golden.environment()).wait_for_end();
    INFO(refused.err);
    CHECK(refused.code == newer_format);
    CHECK(refused.err.find(named) != std::string::npos);
    CHECK(text_of(file) == text);

    std::ofstream(file) << format;
    DaemonProcess(golden.arguments(), golden.environment()).wait_until_ready();
}

}  // namespace baton::test
