#pragma once
// What a round changes on disk: batch-sized values that storage turns into one WriteBatch, and that recovery hands
// back to the core one by one (Core::restore). Every kind has exactly one key form in storage/keys.hpp.
//
// Putting replaces what the key held. Removing what is not there is allowed.

#include "server/core/binding_mutation.hpp"
#include "server/core/bulk_task.hpp"
#include "server/core/chunk.hpp"
#include "server/core/event.hpp"
#include "server/core/expiry_mutation.hpp"
#include "server/core/finished_mutation.hpp"
#include "server/core/flow_mutation.hpp"
#include "server/core/group_mutation.hpp"
#include "server/core/identity_mutation.hpp"
#include "server/core/ids.hpp"
#include "server/core/job_report.hpp"
#include "server/core/locator.hpp"
#include "server/core/message_record.hpp"
#include "server/core/message_state.hpp"
#include "server/core/queue_mutation.hpp"
#include "server/core/queue_totals.hpp"
#include "server/core/schedule_mutation.hpp"
#include "server/core/shard_mutation.hpp"
#include "server/core/start_marks.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace baton::core {

/// One per namespace.
struct PutNamespace {
    NamespaceId id{};
    std::string name;
};

/// Deletes the records of a lane's older generations (ranges).
struct SweepLane {
    NamespaceId ns{};
    QueueId id{};
    Lane lane = Lane::timed;
    std::uint32_t generation_below = 0;
};

/// A run of whole ack pages that are entirely acked: [first page, first page + count).
using PageRun = std::pair<std::uint64_t, std::uint64_t>;

/// What the server remembers of a producer on a queue.
struct PutProducer {
    NamespaceId ns{};
    QueueId id{};
    std::uint64_t producer = 0;
    TimeMs created_at = 0, used_at = 0;
    std::uint64_t acked_through = 0;
    struct Stored {
        std::uint64_t sequence = 0;
        Offset first = 0;
        std::uint32_t count = 0;
        /// Per-item mode: what was refused the first time, so that a repeat gets the same answer.
        std::vector<std::pair<std::uint32_t, Refusal>> refused;
        std::vector<ItemOutcome> outcomes;
    };
    std::vector<Stored> stored;  // ascending by sequence
};
/// Log and cursor of a queue: one put per commit that touched it.
struct PutQueueState {
    NamespaceId ns{};
    QueueId id{};
    Offset end = 0;
    /// Everything below is acked or has left the plain lane.
    Offset low = 0;
    /// Nothing at or beyond was ever delivered from the plain lane.
    Offset horizon = 0;
    /// Nothing due later than this was ever delivered from the timed lane.
    TimeMs lane_horizon = 0;
    BatchNumber next_batch = 1;
    std::uint32_t lane_generation = 0;
    std::uint32_t failed_generation = 0;
    std::uint64_t timed_count = 0, failed_count = 0, prioritized_count = 0, grouped_count = 0;
    /// How many messages went in front so far.
    std::uint64_t fronts = 0;
    /// Acked-or-left bits set in [low, end).
    std::uint64_t bits_set = 0;
    /// Entry bytes of what waits, is delayed or leased; and of the failed set.
    std::uint64_t live_bytes = 0, failed_bytes = 0;
    QueueTotals totals;
    /// The completed set and the failed one.
    FinishedCounts completed, failed;
    std::uint32_t completed_generation = 0;
    EventCounts events;
    TokenBucket bucket;  // of a limited queue
    TimeMs penalty_until = 0;
    bool has_expiries = false, has_reports = false, sweep_reports = false;
    NameCounts names;
    FlowCounts flows;
    std::vector<StartMark> starts;  // where the durability is os
    /// Of a topic and its subscriptions.
    std::uint64_t log_bytes = 0;
    BatchNumber token_floor = 0;
    Holes holes;
    std::uint64_t compacted_bytes = 0;
    /// Pages wholly acked above `low`.
    std::vector<PageRun> full_pages;
    /// The ack page that holds `low`, 64 words of 64 bits, or empty when it has no bit above `low`.
    std::vector<std::uint64_t> low_page;
    std::vector<PutProducer> producers;  // while they are few; else each has a record of its own
};

/// 4,096 ack bits of a cursor, for offsets [page * 4096, (page + 1) * 4096). Never the page that holds `low`.
struct PutAckPage {
    NamespaceId ns{};
    QueueId id{};
    std::uint64_t page = 0;
    std::vector<std::uint64_t> words;  // 64
};
struct RemoveAckPage {
    NamespaceId ns{};
    QueueId id{};
    std::uint64_t page = 0;
};

struct PutChunk {
    NamespaceId ns{};
    ChunkPtr chunk;
};
struct RemoveChunk {
    NamespaceId ns{};
    QueueId log{};
    Offset first = 0;
};
/// Deletes all chunks with first offset in [from, to) (one range): for purge only.
struct RemoveChunks {
    NamespaceId ns{};
    QueueId log{};
    Offset from = 0, to = 0;
};

struct PutLaneRecord {
    NamespaceId ns{};
    QueueId id{};
    Lane lane = Lane::timed;
    std::uint32_t generation = 0;
    MessageRecord record;
};
struct RemoveLaneRecord {
    NamespaceId ns{};
    QueueId id{};
    Lane lane = Lane::timed;
    std::uint32_t generation = 0;
    TimeMs at = 0;
    Offset offset = 0;
    std::int64_t rank = 0;
    GroupId group = {};
};

/// A delivered batch that is held for longer than a moment. Ranges list what is not settled yet.
struct PutLease {
    NamespaceId ns{};
    QueueId id{};
    BatchNumber batch = 0;
    std::uint64_t epoch = 0;
    SessionId session{};
    ConsumerId consumer{};
    std::string worker;
    DurationMs lease_ms = 0;
    TimeMs deadline = 0;
    /// And when what is held has run as long as it may; 0 = no limit.
    TimeMs delivered_at = 0, ends_at = 0;
    struct Range {
        Offset first = 0;
        std::uint32_t count = 0;
        /// True: a message of `lane` with this key; count = 1.
        bool from_lane = false;
        TimeMs lane_at = 0;
        bool started = false;
        Counters counters;
        Cause cause = Cause::none;
        Lane lane = Lane::timed;
        std::int64_t lane_rank = 0;
        GroupId lane_group = {};
        /// Not held for longer than this, whatever is extended; 0 = no such end. And whether it was cancelled.
        TimeMs ends_at = 0;
        bool cancelled = false;
        bool operator==(const Range&) const = default;
    };
    std::vector<Range> ranges;
};
struct RemoveLease {
    NamespaceId ns{};
    QueueId id{};
    BatchNumber batch = 0;
};

/// A message of the plain lane that came back: its counters; the body stays in its chunk.
struct PutReturned {
    NamespaceId ns{};
    QueueId id{};
    Offset offset = 0;
    Counters counters;
    Cause cause = Cause::none;
    std::vector<Attempt> attempts;
    /// Tokens of this and older batches no longer hold the message.
    BatchNumber fence = 0;
    bool isolated = false;
    /// Not delivered before; 0 = at once.
    TimeMs not_before = 0;
};
struct RemoveReturned {
    NamespaceId ns{};
    QueueId id{};
    Offset offset = 0;
};

struct RemoveProducer {
    NamespaceId ns{};
    QueueId id{};
    std::uint64_t producer = 0;
};

using Mutation =
    std::variant<PutShard, PutNamespace, PutQueue, RemoveQueue, SweepQueue, SweepLane, PutQueueState, PutAckPage,
                 RemoveAckPage, PutChunk, RemoveChunk, RemoveChunks, PutLaneRecord, RemoveLaneRecord, PutLease,
                 RemoveLease, PutReturned, RemoveReturned, PutProducer, RemoveProducer, PutLocator, RemoveLocator,
                 SweepLocators, PutCompleted, PutFinished, PutFinishedGone, TrimFinished, PutEvents, TrimEventChunks,
                 PutSchedule, PutScheduleProgress, RemoveSchedule, PutExpiry, RemoveExpiry, SweepExpiries, PutGroup,
                 RemoveGroup, PutProgress, PutLogPart, PutLogBounds, RemoveLogPart, RemoveReports, PutTask, RemoveTask,
                 PutName, RemoveName, PutNameEnd, RemoveNameEnd, PutParked, RemoveParked, PutFlow, PutFlowResult,
                 RemoveFlows, PutFlowNews, RemoveFlowNews, PutFlowMember, RemoveFlowMember, PutJobMinutes, PutBinding,
                 RemoveBinding, PutFill, RemoveFill, PutLastOfKey, RemoveLastOfKey>;

}  // namespace baton::core
