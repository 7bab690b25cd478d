#pragma once
// The only source of chance in tests: a small seeded generator with its own distributions, so that a seed means the
// same on every machine and library. Copyable; each copy goes its own way.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace baton::tests {

class Prng {
public:
    explicit Prng(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 0x1234567) {}

    /// Splitmix64.
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }
    /// Uniform in [0, bound); bound > 0. The bias of the modulo is far below what a test could see.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    std::uint32_t below32(std::uint32_t bound) { return static_cast<std::uint32_t>(next() % bound); }
    /// Uniform in [low, high].
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
    }
    /// True in `permille` of 1,000 cases.
    bool chance(std::uint32_t permille) { return below(1000) < permille; }
    /// An index into `weights` in proportion to them; their sum must be above 0.
    std::size_t weighted(const std::vector<std::uint32_t>& weights) {
        std::uint64_t sum = 0;
        for (const std::uint32_t weight : weights) {
            sum += weight;
        }
        std::uint64_t drawn = below(sum);
        std::size_t index = 0;
        while (drawn >= weights[index]) {
            drawn -= weights[index++];
        }
        return index;
    }
    template <typename T>
    const T& pick(const std::vector<T>& from) {
        return from[below(from.size())];
    }

private:
    std::uint64_t state_;
};

}  // namespace baton::tests
