#pragma once
// What a fuzz target holds true: ends the process with a sentence, in every build, so that the fuzzer keeps the input.

#include <cstdio>
#include <cstdlib>

namespace baton::fuzz {

inline void require(bool holds, const char* sentence) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", sentence);
        std::abort();
    }
}

}  // namespace baton::fuzz
