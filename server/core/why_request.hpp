#pragma once
// Why nothing is delivered: the requests that ask, and what stands in the way. Plain values.

#include "server/core/ids.hpp"
#include "server/core/message_state.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton::core {

struct WhyQueue {
    std::string queue;
};
struct WhyJob {
    std::string queue;
    Offset offset = 0;
    /// Its own id; instead of the offset unless empty.
    std::string id = {};
};

/// One thing that keeps messages from being delivered.
struct Obstacle {
    // Sent on the wire: do not change these values.
    enum class Kind : std::uint8_t {
        /// The queue or the group `name` is paused, until it is told to go on.
        paused = 1,
        paused_until = 2,
        penalty = 3,
        rate = 4,
        /// `count` may be in flight, and are.
        in_flight = 5,
        /// What may have been delivered before the restart counts as in flight until its grace ends.
        restart = 6,
        /// Of a group in strict order: its first message waits to be tried again.
        retry = 7,
        /// All groups that have messages are held back, `count` of them; `until` is when the first is looked at again.
        groups_held = 8,
        no_consumer = 20,
        /// `count` consumers have lost their connection.
        consumers_away = 21,
        /// `count` consumers hold as much as they want to hold.
        credit_used = 22,
        /// It is delivered alone since its last holder was lost, and each consumer holds one such already.
        isolated = 23,
        /// The server hands out nothing more: it is about to stop.
        draining = 24,
        /// Nothing is ready; `count` messages are delayed, the first until then.
        nothing_ready = 40,
        /// Of a message: not due yet. With `name`: since its last attempt failed so.
        not_due = 41,
        /// At most `count` others go before it.
        others_before = 42,
        /// `name` is the worker, `until` the end of its lease.
        leased = 43,
        /// It is cancelled, and gone when its lease ends.
        cancelled = 44,
        completed = 45,
        /// `name` is why.
        failed = 46,
        /// It is the parent of a flow, and some of its children are not over.
        waiting_children = 47,
    };
    Kind kind{};
    /// Broker time; 0 = no time ends it.
    TimeMs until = 0;
    std::uint64_t count = 0;
    std::string name = {};
    bool operator==(const Obstacle&) const = default;
};

struct Explanation {
    QueueId queue{};
    /// Of a message; else of the queue as a whole.
    std::optional<Offset> offset;
    MessageState state{};
    /// Broker time of the answer.
    TimeMs now = 0;
    /// Empty: nothing does.
    std::vector<Obstacle> obstacles;
};
/// Behind a pointer: it is rare and large.
using ExplanationPtr = std::shared_ptr<const Explanation>;

}  // namespace baton::core
