#pragma once
// How messages end: the one place that every end passes, whatever ended it, so that events, those who wait, and whoever
// else must know of an end learn of it in the commit that causes it. Asked only where somebody may want to know
// (Queue::watched). Included by the core's sources only.

#include "server/core/finished.hpp"
#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"

#include <cstdint>
#include <string>

namespace baton::core {

struct Queue;
struct Round;
struct State;

/// Sent on the wire: do not change these values.
enum class JobOutcome : std::uint8_t {
    completed = 1,
    failed = 2,
    removed = 3,
    expired = 4,
    dead_lettered = 5,
    /// Left for a full queue, or for a newer run of its schedule.
    dropped = 6,
    cancelled = 7,
    // Of a wait alone.
    timeout = 20,
    /// It is over, and nothing is kept of it.
    gone = 21,
};

/// Adjacent messages that ended in the same way at the same time.
struct Ending {
    JobOutcome outcome{};
    Offset first = 0;
    std::uint32_t count = 1;
    /// failed: the last error. dead_lettered: the queue. removed, dropped: by what, when it is not a request.
    std::string text;
    /// completed: what each of them returned; may be null.
    JobResultPtr result = nullptr;
    /// Of a single message; null when it has none.
    MetaPtr meta = nullptr;
    /// They are still in their chunks, and their metas there.
    bool in_chunk = false;
};

/// Tells everybody of an end. The messages have left, or are leaving, where they were.
void ended(State& state, Queue& queue, const Ending& ending, Round& round);

}  // namespace baton::core
