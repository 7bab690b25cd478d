#pragma once
// Why nothing is delivered, and what an examination of the server's data found. Plain values.

#include "baton/stored_message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

/// One thing that keeps messages from being delivered.
struct Obstacle {
    // The numbers are those of the protocol; a newer server may know others.
    enum class Kind : std::uint8_t {
        unspecified = 0,
        /// The queue, or the group `name`, is paused; so with the next ones.
        paused = 1,
        paused_until = 2,
        penalty = 3,
        rate = 4,
        in_flight = 5,
        /// What may have been delivered before the server's restart is held until its grace ends.
        restart = 6,
        /// A group in strict order: its first message waits to be tried again.
        retry = 7,
        /// All `count` groups that have messages are held back.
        groups_held = 8,
        no_consumer = 20,
        /// `count` consumers, and none is connected.
        consumers_away = 21,
        /// `count` consumers hold as much as they want to hold.
        credit_used = 22,
        /// It is delivered alone since its last holder was lost, and each consumer holds one such already.
        isolated = 23,
        /// The server is about to stop.
        draining = 24,
        /// Nothing is ready; `count` messages are delayed.
        nothing_ready = 40,
        /// `name` is the error of its last attempt, if it had one.
        not_due = 41,
        /// At most `count` others go before it.
        others_before = 42,
        /// `name` is the worker.
        leased = 43,
        /// Gone when its lease ends.
        cancelled = 44,
        completed = 45,
        /// `name` is why.
        failed = 46,
        /// It is the parent of a flow, and some of its children are not over.
        waiting_children = 47,
    };
    Kind kind = Kind::unspecified;
    /// Milliseconds since 1970 in the server's time; 0 = no time ends it.
    std::int64_t until_ms = 0;
    std::uint64_t count = 0;
    std::string name;
};
/// "paused", "no_consumer" and so on; "other" for a kind of a newer server.
const char* to_text(Obstacle::Kind kind);

/// What Admin::why_queue and Admin::why_job answer: what was true in the server at `now_ms`.
struct Explanation {
    /// Of a message; else of the queue as a whole.
    std::optional<MessageId> message;
    /// Unspecified when it is of the queue.
    MessageState state = MessageState::unspecified;
    /// The server's time at the answer.
    std::int64_t now_ms = 0;
    /// Empty: nothing does.
    std::vector<Obstacle> obstacles;
};

/// Something that does not fit.
struct Ailment {
    // The numbers are those of the protocol; a newer server may know others.
    enum class Kind : std::uint8_t {
        unspecified = 0,
        /// A count that the server keeps is not the number of the records.
        counter = 1,
        /// A message that is not done has no body any more.
        message_lost = 2,
        /// The index by offset names a place where the message is not, or lacks it.
        locator = 3,
        /// A lease is of a message that is not there to be held.
        lease = 4,
        /// The index of ids and deduplication ids disagrees with a message about who has one.
        name = 5,
        /// What is parked is behind no holder.
        parked = 6,
        /// A record cannot be read.
        damage = 7,
        flow_without_parent = 8,
        parent_without_flow = 9,
        flow_not_released = 10,
        child_lost = 11,
        flow_pages = 12,
        flow_member = 13,
    };
    Kind kind = Kind::unspecified;
    std::string queue;
    /// Which record, and what is wrong with it.
    std::string text;
};
/// "counter", "message_lost" and so on; "other" for a kind of a newer server.
const char* to_text(Ailment::Kind kind);

/// What Admin::doctor answers. It changes nothing: what is wrong stays so.
struct Diagnosis {
    /// The state that was examined: every commit up to this.
    std::uint64_t commit_seq = 0;
    /// How much was looked at.
    std::uint64_t queues = 0;
    std::uint64_t records = 0;
    /// The first 1,000, of as many as `found` says; none when all is well.
    std::vector<Ailment> ailments;
    std::uint64_t found = 0;
};

}  // namespace baton
