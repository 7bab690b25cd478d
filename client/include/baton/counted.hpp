#pragma once
// What a bulk action did.

#include <cstdint>

namespace baton {

/// How many messages a bulk action handled, and how many it could not.
struct Counted {
    std::uint64_t messages = 0;
    std::uint64_t skipped = 0;
};

}  // namespace baton
