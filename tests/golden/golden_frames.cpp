#include "tests/golden/golden_frames.hpp"

#include <catch2/catch.hpp>

#include <fstream>

namespace baton::test {

namespace {

std::string bytes_of(const std::string& digits) {
    REQUIRE(digits.size() % 2 == 0);
    std::string bytes;
    for (std::size_t at = 0; at < digits.size(); at += 2) {
        bytes.push_back(static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16)));
    }
    return bytes;
}

}  // namespace

std::vector<GoldenFrame> golden_frames() {
    std::ifstream in(GOLDEN_DIR "/frames.txt");
    std::vector<GoldenFrame> frames;
    bool in_bytes = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("=== ")) {
            frames.push_back({line == "=== ClientFrame", {}, {}});
            in_bytes = false;
        } else if (line == "---") {
            in_bytes = true;
        } else if (!frames.empty() && in_bytes) {
            frames.back().bytes += bytes_of(line);
        } else if (!frames.empty()) {
            frames.back().text += line + "\n";
        }
    }
    REQUIRE_FALSE(frames.empty());
    return frames;
}

}  // namespace baton::test
