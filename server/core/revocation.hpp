#pragma once
// What a holder is told of leases that the server ends on its own. Plain values.

#include "server/core/ids.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <vector>

namespace baton::core {

// moved: the subscription goes on elsewhere. Sent on the wire: do not change these values.
enum class RevokeReason : std::uint8_t { cancelled = 1, run_limit = 2, moved = 3 };

/// Messages of one delivery that the holder is to give up: within the grace, or at once where the lease has ended.
struct LeaseRevoked {
    ConnectionId connection{};
    ConsumerId consumer{};
    Token token;
    std::vector<OffsetRange> ranges;
    RevokeReason reason{};
    DurationMs grace_ms = 0;
};

}  // namespace baton::core
