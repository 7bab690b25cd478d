#pragma once
// The small values that a queue keeps of single messages beside its lanes and leases. Plain values, owned by the queue.

#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"
#include "server/core/place.hpp"
#include "server/core/recent_settles.hpp"
#include "server/core/refusal.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace baton::core {

/// A plain-lane message that came back at least once: has a record on disk until it is done.
struct ReturnedRecord {
    Counters counters;
    Cause cause = Cause::none;
    std::vector<Attempt> attempts;
    BatchNumber fence = 0;
    /// Its holder was lost while it worked on it: it is delivered alone until it is acked or fails.
    bool isolated = false;
    /// Of a key-shared subscription: it keeps its place while it waits for this time; 0 = for none.
    TimeMs not_before = 0;
    /// Memory only: after the hold of a restart, tokens above this are still those of the last holder.
    BatchNumber late_fence = 0;
};

/// A message on its way out whose body is being read.
struct MovingMessage {
    /// none: it goes to the timed lane.
    EndReason reason = EndReason::none;
    Counters counters;
    std::vector<Attempt> attempts;
    Cause cause = Cause::none;
    TimeMs due_at = 0;
    bool isolated = false;
    /// Of a key-shared subscription: the key with whose consumer it counts.
    GroupPtr key = nullptr;
};

/// A lease that the server ended for a reason of its own, so that a late settle is told why. Batch 0: whoever held it.
struct RecentEnd {
    BatchNumber batch = 0;
    Offset offset = 0;
    RefusalCode code{};
};

/// How the lease of one message ends without the message being done: it then waits again, or leaves for its caps.
struct GiveBack {
    Cause cause = Cause::released;
    bool counts_as_loss = false;
    DurationMs delay_ms = 0;
    std::string reason;
};
struct GiveBackLater {
    BatchNumber batch = 0;
    Offset offset = 0;
    GiveBack how;
};

/// What must be known of a message when it ends: its names and its flows. Null when it has none.
inline MetaPtr traced_meta(const MetaPtr& meta) {
    return meta && (meta->identity || meta->parents || meta->has_flow) ? meta : nullptr;
}

/// Who held a message of a lane last, while it is ready: that token's late ack is still taken.
struct LaneFence {
    BatchNumber batch = 0;
    Lane lane = Lane::timed;
    LaneKey key;
    std::uint32_t bytes = 0;
    /// Of a message with names or of a flow, since its record need not be in memory; else null.
    MetaPtr meta = nullptr;
};

/// A message of a lane that a restored lease holds, whose body was not asked for yet.
struct ToAttach {
    Lane lane = Lane::timed;
    LaneKey key;
    BatchNumber batch = 0;
};

}  // namespace baton::core
