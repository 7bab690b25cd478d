#pragma once
// What makes a topic or a subscription of a queue. Data only; the behaviour is in topics.hpp.

#include "server/core/chunk.hpp"
#include "server/core/ids.hpp"
#include "server/core/key_turns.hpp"
#include "server/core/reference_log.hpp"
#include "server/core/route_table.hpp"
#include "server/core/selection.hpp"
#include "server/core/topic.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace baton::core {

struct Queue;

/// Taking old messages out of a topic.
struct TopicTrim {
    /// Its oldest chunks are being read, or are not to be read before a time.
    bool reading = false;
    TimeMs from = 0;
    /// Whatever else is kept, below this nothing is.
    Offset below = 0;
    /// Some would go that is in flight, or held.
    bool blocked = false;
    /// The topic ended here when only its newest chunk was left, which its bytes do not take.
    Offset newest_alone = 0;
    /// When the oldest that is kept was stored; 0 = not known.
    TimeMs oldest_at = 0;
};

/// A pass over a topic that leaves the last message of each key.
struct TopicCompaction {
    bool running = false, reading = false;
    /// It has come to here, in a log that had so many bytes when it began.
    Offset at = 0;
    std::uint64_t log_bytes = 0;
    /// What comes from here on it leaves as it is: of that key something may have been passed already.
    Offset end = 0;
    /// So far nothing that was superseded had to stay.
    bool clean = true;
    /// Something was left for a later pass, or may have been before the restart.
    bool left = true;
    /// When it goes on; when the last one ended, or was first thought of, 0 = never.
    TimeMs from = 0, ended = 0;
};

struct TopicRole {
    // ---- on disk as PutQueue
    QueueKind kind = QueueKind::queue;
    /// Of a topic.
    TopicSettings keeps;
    /// Of a subscription of one topic: that, and of any whether topics keep what it has not acked.
    QueueId topic_id{};
    bool hold = false;
    /// Of a subscription of one topic: where it began there, or was moved to last.
    Offset began = 0;
    /// Of a subscription with a pattern or a filter; null: it reads the log of its topic.
    SelectionPtr selects;

    // ---- on disk as PutQueueState
    /// Of a topic's log, in a subscription's record as of when it was written: the bytes of all messages so far.
    std::uint64_t log_bytes = 0;
    /// Tokens of earlier batches hold nothing: the cursor went elsewhere since.
    BatchNumber token_floor = 0;
    /// Of a topic: what compaction took out at or above its low end. Of a subscription of one topic: how much of that
    /// it has still to come to, as far as is known.
    Holes holes;
    /// Of a topic: how many bytes its log had when the last pass of compaction that has ended began.
    std::uint64_t compacted_bytes = 0;

    // ---- memory only
    /// Of a subscription; and of a topic those who have one, by name.
    Queue* topic = nullptr;
    std::map<std::string, Queue*> subscriptions;
    TopicTrim trim;
    TopicCompaction compaction;
    /// Of a topic: the subscriptions to it alone that have a filter.
    std::map<std::string, Queue*> filtering;
    /// Of a topic: who selects from it, as of a version of the table.
    std::vector<Route*> routes;
    std::uint64_t routes_version = 0;
    /// Of a subscription that selects, else null.
    std::unique_ptr<ReferenceLog> references;
    /// Of a subscription: its topic wants a delivery log.
    bool delivery_log = false;
    /// Of a subscription of mode key_shared, else null.
    std::unique_ptr<KeyTurns> keys;

    /// What waits for a time without having left its log.
    std::uint64_t delayed_in_place() const { return keys ? keys->delayed().size() : 0; }
};

}  // namespace baton::core
