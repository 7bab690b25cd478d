#pragma once
// What the mode key_shared means for a subscription beside whose turn it is: what comes back waits where it is, since a
// message that left its log would have lost its place before what is behind it. Included by the core's sources only.

#include "server/core/group_id.hpp"
#include "server/core/ids.hpp"
#include "server/core/refusal.hpp"

#include <cstdint>
#include <optional>

namespace baton::core {

struct Chunk;
struct Fail;
struct LeaseBatch;
struct LeasedDetail;
struct Queue;
struct QueueSettings;
struct Round;
struct State;

/// The queue has turns of keys, or none, as its settings say.
void key_settings_changed(Queue& queue);
/// The mode is left or entered only while nothing is on its way that the other one would not know of.
std::optional<Refusal> check_mode_change(const Queue& queue, const QueueSettings& after);

/// What has waited for its time is ready; sees to the next.
void wake_keys(State& state, Queue& queue, TimeMs now);
/// Finds the keys of what waits since before a restart, as far as chunks are in memory. The first message whose chunk
/// is not: nothing can be delivered before that is read.
std::optional<Offset> find_keys(State& state, Queue& queue, TimeMs now);
/// A message that waits for a time, and whose chunk this is, waits on as if it had just come back.
void wait_on(State& state, Queue& queue, const Chunk& chunk, Offset offset, TimeMs now);
/// At start: what waits for a time that has not come was not delivered since. It waits on.
bool waits_since_before(Queue& queue, Offset offset, TimeMs now);

/// A message that waits again without having left its log.
struct InPlace {
    Offset offset = 0;
    /// 0 = not known.
    TimeMs stored_at = 0;
    /// Absent: not known before its chunk is read.
    std::optional<GroupId> key;
    /// 0 = for no time.
    TimeMs not_before = 0;
};
/// The key of a leased message of the plain lane; none when it has none, absent when it is not known.
std::optional<GroupId> key_of(const Queue& queue, const LeasedDetail& detail, const LeaseBatch& batch, Offset offset);
void key_waits(State& state, Queue& queue, const InPlace& where, TimeMs now);
/// Its lease is over; `detail` says what is known of it from now on. give_back.cpp
void wait_in_place(State& state, Queue& queue, LeasedDetail&& detail, const LeaseBatch& batch, const InPlace& where,
                   TimeMs now, Round& round);
/// What came back has this record on disk. give_back.cpp
void put_returned(const Queue& queue, Offset offset, Round& round);
/// An attempt failed: a message with a key waits in place for the next one. False: it has no key, or no attempt left.
bool retry_in_place(State& state, Queue& queue, LeaseBatch& batch, Offset offset, const Fail& fail,
                    LeasedDetail& detail, TimeMs now, Round& round);
/// Leases ended: their keys are in flight with one message less.
void settle_keys(Queue& queue, const LeaseBatch& batch, std::uint32_t position, std::uint32_t count);

/// It need not wait for its time.
void promote_in_place(State& state, Queue& queue, Offset offset, Round& round);
/// So many need not, or as many as do; how many that were.
std::uint64_t promote_some_in_place(State& state, Queue& queue, std::uint64_t most, Round& round);

}  // namespace baton::core
