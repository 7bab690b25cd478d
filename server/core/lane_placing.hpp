#pragma once
// Into the lanes and out of them, and where a message stands. Included by the core's sources only.

#include "server/core/groups.hpp"
#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"
#include "server/core/place.hpp"
#include "server/core/queue.hpp"

#include <cstdint>
#include <optional>

namespace baton::core {

struct Round;
struct State;

/// Its messages in lanes can be named by their offsets: each has a locator.
inline bool keeps_locators(const Queue& queue) {
    return queue.profile == Profile::job || queue.kind == QueueKind::subscription;
}

/// The message is of a group of the queue. In topics and subscriptions, which have none, that is only the key it
/// carries.
inline bool is_grouped(const Queue& queue, const MetaPtr& meta) {
    return queue.kind == QueueKind::queue && has_group(meta);
}
/// Whether the message has a place of its own when it is ready.
inline bool is_ranked(const Queue& queue, const MetaPtr& meta) {
    return is_ranked(meta, queue.kind == QueueKind::queue);
}

/// The first part of a place: what was ready then, with this priority (0 = none).
inline std::int64_t rank_of(const Queue& queue, TimeMs ready_at, std::uint32_t priority) {
    const DurationMs step = queue.settings.aging_ms;
    return step == 0 ? priority : ready_at + priority * step;
}
/// The place of a message of the plain lane.
inline Place plain_place(const Queue& queue, TimeMs stored_at, Offset offset) {
    return {rank_of(queue, stored_at, 0), stored_at, offset};
}

/// Where a message of a lane stands when it is ready.
Place place_of(const Queue& queue, const MessageRecord& record);

/// A record of the timed lane is ready, or ready no longer.
void insert_ready(Queue& queue, MessageRecord&& record);
std::optional<MessageRecord> take_ready(Queue& queue, Offset offset);
/// To the timed lane, or when it is ready and has a priority to the prioritized one.
void put_lane_record(State& state, Queue& queue, MessageRecord&& record, bool ready, Round& round);
void remove_lane_record(Queue& queue, const MessageRecord& record, Round& round);
void remove_lane_record(Queue& queue, Lane lane, const LaneKey& key, Round& round);
/// A leased message of the plain lane that needs a record from now on, in the timed lane and out of it.
void put_leased_record(State& state, Queue& queue, const MessageRecord& record, Round& round);
/// The record is leased, or ready in another order.
void mark_out(Queue& queue, const MessageRecord& record);
/// A new message with its body in a lane: delayed, or ready with a priority. Uses up an offset.
void store_in_lane(State& state, Queue& queue, const EntryRun& body, MetaPtr meta, TimeMs due, TimeMs now,
                   Round& round);
/// A new message that waits for children; uses up an offset. Returns its record as it is on disk.
MessageRecord store_waiting_children(State& state, Queue& queue, MessageRecord&& record, Round& round);
/// One that was taken from elsewhere waits for children.
MessageRecord put_waiting_children(State& state, Queue& queue, MessageRecord&& record, Round& round);
/// Takes note of what is due, up to what memory may hold and a round may write.
void promote_due(State& state, Queue& queue, TimeMs now, Round& round);

}  // namespace baton::core
