#pragma once
// What became of a published message in the subscriptions of its topic. Plain values; the call is Topics::trace.

#include "baton/events.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace baton {

/// How far a subscription has come with a message; the numbers are those of the protocol.
enum class TraceState : std::uint8_t {
    unspecified = 0,
    /// Its filter does not let the message through.
    filtered = 1,
    /// It began, or was moved, behind it.
    before = 2,
    waiting = 3,
    leased = 4,
    /// It failed, or was given back, and is tried again later.
    delayed = 5,
    /// In the failed set.
    failed = 6,
    /// Acked; or it went elsewhere from there: dead-lettered, expired, removed, dropped.
    done = 7,
    /// Of a subscription with a pattern or a filter: done, failed, or before it began: which of these is not
    /// known any more.
    settled = 8,
    /// Of such a subscription: not found among what it has to do, since more waits there than is looked through, or
    /// since its look through the past has not come to it.
    unknown = 9,
};
/// "filtered", "before", "waiting", ...
const char* to_text(TraceState state);

struct TraceRow {
    /// The subscription's name as a queue.
    std::string subscription;
    TraceState state = TraceState::unspecified;
    /// In the subscription; 0 where that is not known.
    std::uint64_t offset = 0;
    std::uint32_t deliveries = 0;
    std::uint32_t failures = 0;
    std::uint32_t lease_losses = 0;
    /// Leased: when the lease ends. Delayed: when it is due. Failed: when it ended. Else 0.
    std::int64_t at_ms = 0;
    /// Who has it, or failed it last.
    std::string worker;
};

struct MessageTrace {
    std::uint64_t offset = 0;
    std::int64_t stored_ms = 0;
    /// By the names of the subscriptions.
    std::vector<TraceRow> rows;
};

/// What one subscription did with a message, as far as its events are kept.
struct DeliveryLog {
    /// The subscription's name as a queue.
    std::string subscription;
    /// Active (the text is the worker), completed, attempt_failed, stalled, ... in their order.
    std::vector<Event> events;
    /// Older events of the subscription are no longer kept, so some of this message may be missing.
    bool incomplete = false;
};

}  // namespace baton
