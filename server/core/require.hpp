#pragma once
// Checks of the broker's own invariants, on in every build. A broken one means that going on could lose or double a
// message, so the process stops with a sentence. Never used on what a peer sent: that is a Refusal.

#include <cstdio>
#include <cstdlib>

namespace baton::core {

/// Aborts with `fact` when it does not hold; state the fact plainly.
inline void require(bool holds, const char* fact) {
    if (!holds) [[unlikely]] {
        std::fprintf(stderr, "batond: broken invariant: %s\n", fact);
        std::abort();
    }
}

}  // namespace baton::core
