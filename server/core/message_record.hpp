#pragma once
// What the broker knows about one message beyond its bytes. The common message has none of this: it is bytes in a
// chunk and a bit in a page. Records exist for messages that are delayed, came back, or failed.

#include "server/core/attempt_history.hpp"
#include "server/core/backoff.hpp"
#include "server/core/entry_run.hpp"
#include "server/core/finished.hpp"
#include "server/core/flow.hpp"
#include "server/core/identity.hpp"
#include "server/core/ids.hpp"
#include "server/core/lane.hpp"
#include "server/core/message_source.hpp"
#include "server/core/place.hpp"
#include "server/core/scheduled_run.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace baton::core {

/// Why a message is delivered again. Stored on disk and sent on the wire: do not change these values.
enum class Cause : std::uint8_t {
    none = 0,
    failed = 1,
    lease_expired = 2,
    released = 3,
    consumer_lost = 4,
    restart = 5,
    retried = 6,
    redriven = 7,
};

/// Why a message left its queue unacked. Stored on disk: do not change these values.
enum class EndReason : std::uint8_t {
    none = 0,
    attempts_exhausted = 1,
    lease_losses_exhausted = 2,
    deliveries_exhausted = 3,
    rejected = 4,
    expired = 5,
    overflow = 6,
    cancelled = 30,
    child_failed = 60,
};
const char* to_text(EndReason reason);

struct Counters {
    std::uint32_t deliveries = 0;
    std::uint32_t failures = 0;
    std::uint32_t lease_losses = 0;
    bool operator==(const Counters&) const = default;
};

/// Where a moved message came from.
struct Origin {
    std::string queue;
    QueueId queue_id{};
    Offset offset = 0;
    TimeMs stored_at = 0;
    TimeMs moved_at = 0;
    EndReason reason = EndReason::none;
    Counters counters;
    std::vector<Attempt> attempts;
    /// Of the message there, so that a redrive can give it back.
    std::uint32_t priority = 0;
    std::uint32_t max_attempts = 0;
    std::shared_ptr<const Backoff> backoff;
    DurationMs run_limit_ms = 0;
    std::string group = {};
    bool operator==(const Origin&) const = default;
};

/// Options and history of one uncommon message, shared and immutable: a change makes a new one.
struct MessageMeta {
    /// Its own lease, and how long one attempt may run; 0 = the queue's.
    DurationMs lease_ms = 0;
    DurationMs run_limit_ms = 0;
    /// Broker time; 0 = never.
    TimeMs expires_at = 0;
    Counters counters;
    Cause cause = Cause::none;
    std::vector<Attempt> attempts;
    /// Null unless the message was moved here.
    std::shared_ptr<const Origin> origin;
    /// 0 = none: the plain lane's place.
    std::uint32_t priority = 0;
    /// Tries in all, and how long it waits between them; 0 and null = the queue's.
    std::uint32_t max_attempts = 0;
    std::shared_ptr<const Backoff> backoff;
    /// Goes in front of its priority when it becomes ready.
    bool lifo = false;
    /// Its number among those that went in front; 0 = not yet, or not at all.
    std::uint64_t front = 0;
    /// Lease records of this and older batches no longer hold the message.
    std::uint64_t fence = 0;
    /// Its holder was lost while it worked on it: it is delivered alone until it is acked or fails.
    bool isolated = false;
    /// Null unless a schedule made the message.
    std::shared_ptr<const ScheduledRun> scheduled;
    GroupPtr group = nullptr;
    /// Null unless the message has names. It has a record of its own then, wherever it stands.
    std::shared_ptr<const Identity> identity;
    /// The parents that wait for it; null = none. And whether it has children.
    FlowLinksPtr parents = nullptr;
    bool has_flow = false;
    /// It has added children while it ran, and has not waited for them since.
    bool has_open_flow = false;
    /// Set when it left the log of its subscription, which knows.
    MessageSource source = {};
};
using MetaPtr = std::shared_ptr<const MessageMeta>;

/// Whether the message has a place of its own when it is ready; by its group only where that is no mere key.
inline bool is_ranked(const MetaPtr& meta, bool by_group) {
    return meta && (meta->priority != 0 || meta->lifo || (by_group && meta->group) || meta->identity);
}

/// A message that has left the plain lane, with its body: one record in a lane or in the failed set.
struct MessageRecord {
    Offset offset = 0;
    /// When it first became ready (commit time, or due time of a first delay).
    TimeMs ready_at = 0;
    TimeMs stored_at = 0;
    /// Lane: not before this time. Failed and completed set: when it ended.
    TimeMs at = 0;
    EndReason reason = EndReason::none;
    MetaPtr meta;   // may be null
    EntryRun body;  // exactly one entry; none in the completed set when it was not kept
    /// The lane that holds it, and in the prioritized and the grouped one its group and the first parts of its place.
    Lane lane = Lane::timed;
    std::int64_t rank = 0;
    TimeMs turn = 0;
    GroupId group = {};
    /// Of a finished message: the batch of its set's log, 0 = of before there was one; and of a completed one its run.
    std::uint64_t finished_seq = 0;
    CompletionPtr completion = nullptr;
};

inline LaneKey key_of(Lane lane, const MessageRecord& record) {
    switch (lane) {
        case Lane::prioritized:
            return {record.turn, record.offset, record.rank};
        case Lane::grouped:
            return {record.turn, record.offset, record.rank, record.group};
        case Lane::failed:
        case Lane::completed:
        case Lane::waiting_children:
            return {0, record.offset};
        case Lane::timed:
            break;
    }
    return {record.at, record.offset};
}

}  // namespace baton::core
