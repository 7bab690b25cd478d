#pragma once
// Requests about the events of a queue, and what is said to those who follow them.

#include "server/core/event.hpp"
#include "server/core/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton::core {

/// Follows the events of a queue on this connection. Answered by Done; then EventBatch effects.
struct StreamEvents {
    /// Chosen by the client, unique on its connection.
    std::uint64_t stream = 0;
    std::string queue;
    /// The first event wanted; absent = what happens from now on.
    std::optional<std::uint64_t> from_seq;
    /// Bits of EventType; 0 = all.
    std::uint32_t types = 0;
    /// Only events of this message, and of the queue as a whole.
    std::optional<Offset> offset;
    /// How many events may be sent before more are allowed.
    std::uint32_t credit = 0;
};
struct CreditEvents {
    std::uint64_t stream = 0;
    std::uint32_t events = 0;
};
struct CloseEvents {
    std::uint64_t stream = 0;
};
/// Appends an event of a client's own.
struct EmitEvent {
    std::string queue;
    std::string name;
    std::string data;
    /// The message it is about.
    std::optional<Offset> offset;
};
/// Forgets all but the newest events. Answered by Counted.
struct TrimEvents {
    std::string queue;
    std::uint64_t keep = 0;
};

/// Events for one stream, in order.
struct EventBatch {
    ConnectionId connection{};
    std::uint64_t stream = 0;
    struct Sent {
        std::uint64_t seq = 0;
        TimeMs at = 0;
        Event event;
    };
    std::vector<Sent> events;
    /// Where to go on after this batch.
    std::uint64_t next_seq = 0;
    /// Events [first, last] that were wanted and are no longer there; 0 = none.
    std::uint64_t missed_first = 0, missed_last = 0;
    /// Nothing newer had happened.
    bool caught_up = false;
    /// Not empty: the stream is over.
    std::string closed;
};

}  // namespace baton::core
