#include "tests/golden/golden_directory.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdlib>

namespace baton::test {

GoldenDirectory::GoldenDirectory() {
    const std::string command = "tar --extract --gzip --no-same-owner --file " GOLDEN_DIR
                                "/data_dir_1.tar.gz --directory " +
                                directory_.path("");
    REQUIRE(std::system(command.c_str()) == 0);
    facts_ = read_facts(directory_.path("facts.txt"));
}

std::vector<std::string> GoldenDirectory::environment() const {
    using namespace std::chrono;
    const auto now_ms = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    // A sanitizer's runtime wants to be the first library that is loaded.
    return {"LD_PRELOAD=" MOVED_CLOCK_PATH, "ASAN_OPTIONS=verify_asan_link_order=0",
            "BATON_TEST_CLOCK_MS=" + std::to_string(facts_.made_ms + 3'000 - now_ms)};
}

}  // namespace baton::test
