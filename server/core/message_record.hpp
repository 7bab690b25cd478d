#pragma once
// What the broker knows about one message beyond its bytes. The common message has none of this: it is bytes in a
// chunk and a bit in a page. Records exist for messages that are delayed, came back, or failed.

#include "server/core/entry_run.hpp"
#include "server/core/ids.hpp"

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
};
const char* to_text(EndReason reason);

struct Attempt {
    TimeMs at = 0;
    std::string worker;
    std::string reason;
    bool operator==(const Attempt&) const = default;
};

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
    bool operator==(const Origin&) const = default;
};

/// The firing of a schedule that made a message.
struct ScheduledRun {
    std::string schedule;
    /// When the schedule says that it was due, without jitter; in broker time.
    TimeMs firing_at = 0;
    bool operator==(const ScheduledRun&) const = default;
};

/// Options and history of one uncommon message, shared and immutable: a change makes a new one.
struct MessageMeta {
    /// 0 = the queue's.
    DurationMs lease_ms = 0;
    /// Broker time; 0 = never.
    TimeMs expires_at = 0;
    Counters counters;
    Cause cause = Cause::none;
    std::vector<Attempt> attempts;
    /// Null unless the message was moved here.
    std::shared_ptr<const Origin> origin;
    /// Null unless a schedule made the message.
    std::shared_ptr<const ScheduledRun> scheduled;
};
using MetaPtr = std::shared_ptr<const MessageMeta>;

/// A message that has left the plain lane, with its body: one record in a timed lane or in the failed set.
struct MessageRecord {
    Offset offset = 0;
    /// Its place: when it first became ready (commit time, or due time of a first delay).
    TimeMs ready_at = 0;
    TimeMs stored_at = 0;
    /// Lane: not before this time. Failed set: when it failed.
    TimeMs at = 0;
    EndReason reason = EndReason::none;
    MetaPtr meta;   // may be null
    EntryRun body;  // exactly one entry
};

}  // namespace baton::core
