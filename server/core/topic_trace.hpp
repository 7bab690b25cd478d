#pragma once
// What became of one published message in each subscription that has it, for as long as its topic keeps it. Plain
// values; the behaviour is in topic_trace.cpp.

#include "server/core/entry_run.hpp"
#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton::core {

/// Sent on the wire: do not change these values.
enum class TraceState : std::uint8_t {
    /// Its filter does not let the message through.
    filtered = 1,
    /// The subscription began, or was moved, behind it.
    before = 2,
    waiting = 3,
    leased = 4,
    /// It failed, or was given back, and is tried again later.
    delayed = 5,
    /// In the failed set.
    failed = 6,
    /// Acked; or it went elsewhere from there: dead-lettered, expired, removed, dropped.
    done = 7,
    /// Of a subscription that selects: done, failed, or before it began, which is not known any more.
    settled = 8,
    /// Of a subscription that selects: not found among what it has to do; too much of that waits, or the look through
    /// the past has not come to it.
    unknown = 9,
};

struct TraceRow {
    /// The subscription's name as a queue.
    std::string subscription;
    TraceState state{};
    /// In the subscription; 0 where that is not known.
    Offset offset = 0;
    Counters counters = {0, 0, 0};
    /// Leased: when the lease ends. Delayed: when it is due. Failed: when it ended. Else 0.
    TimeMs at = 0;
    /// Who has it, or failed it last.
    std::string worker = {};
};

/// Answered by MessageTrace.
struct TraceMessage {
    std::string topic;
    Offset offset = 0;
    /// The subscription that the last page ended with.
    std::string after;
    std::uint32_t limit = 100;

    // How far it came, while it waits for reads: none of them may be needed twice, or two could displace each other for
    // good.
    struct Progress {
        std::vector<TraceRow> rows;
        /// The message itself; absent until its chunk was read.
        std::optional<EntryRun> body;
        TimeMs stored_at = 0;
        /// The subscription that is looked at; its log: behind what was looked at of its log, how many chunks that was,
        /// and where the message is in it.
        QueueId looked_in{};
        Offset from = 0;
        std::uint32_t chunks = 0;
        std::optional<Offset> own;
    } progress = {};
};

struct MessageTrace {
    Offset offset = 0;
    TimeMs stored_at = 0;
    std::vector<TraceRow> rows;
    /// The subscription that the next page comes after; empty on the last.
    std::string next;
};

}  // namespace baton::core
