#pragma once
// What the server says of leases on its own. Plain values.

#include "baton/history.hpp"

#include <chrono>
#include <cstdint>

namespace baton {

/// Messages [first, first + count) of one delivery that their holder is to give up.
struct LeaseRevocation {
    // The numbers are those of the protocol.
    enum class Reason : std::uint8_t {
        unspecified = 0,
        /// Cancelled: an ack within the grace still counts, any other end makes them gone.
        cancelled = 1,
        /// They ran longer than they may: their leases have ended.
        run_limit = 2,
        /// Their subscription goes on elsewhere: their leases have ended.
        moved = 3,
    };
    MessageId first;
    std::uint32_t count = 0;
    /// The number of the delivery.
    std::uint64_t batch = 0;
    Reason reason = Reason::unspecified;
    std::chrono::milliseconds grace{0};
};

}  // namespace baton
