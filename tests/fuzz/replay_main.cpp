// Replays a corpus without a fuzzer: every file as it is, cut at each byte, and with each bit turned (in its first
// part, so that a large file does not take long).

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t changed_bytes_max = 512;

std::size_t replay(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::vector<char> read{std::istreambuf_iterator<char>(in), {}};
    std::vector<std::uint8_t> bytes(read.begin(), read.end());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    std::size_t runs = 1;
    const std::size_t changed = std::min(bytes.size(), changed_bytes_max);
    for (std::size_t cut = 0; cut < changed; ++cut, ++runs) {
        // A copy of its own, so that a sanitizer sees any look beyond the cut.
        const std::vector<std::uint8_t> head(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut));
        LLVMFuzzerTestOneInput(head.data(), head.size());
    }
    for (std::size_t bit = 0; bit < changed * 8; ++bit, ++runs) {
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
    return runs;
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t files = 0, runs = 0;
    for (int i = 1; i < argc; ++i) {
        for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
            files += 1;
            runs += replay(entry.path());
        }
    }
    std::printf("%zu files, %zu inputs\n", files, runs);
    return files == 0 ? 1 : 0;
}
