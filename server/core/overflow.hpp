#pragma once
// What a full queue does: refuses, drops the last of the lowest priority and then its oldest (for good or into its
// dead-letter queue), or lets producers wait in order until there is room. Included by the core's sources only.

#include "server/core/ids.hpp"
#include "server/core/refusal.hpp"
#include "server/core/request.hpp"

#include <cstdint>

namespace baton::core {

struct Queue;
struct Round;
struct State;

/// A produce that waits for room, behind those that came before.
struct BlockedProduce {
    Request request;
    std::uint64_t messages = 0, bytes = 0;
    /// Refused then.
    TimeMs until = 0;
};

enum class Room : std::uint8_t { yes, no, reading };

/// After a restart it is not known yet which lane messages still exist: no limit could be kept exactly, and of no name
/// it is known whether its holder is leased.
bool room_unknown(const Queue& queue);
/// Whether so much more would break a limit of the queue.
bool over_limit(const Queue& queue, std::uint64_t messages, std::uint64_t bytes);
/// Whether the policy drops something for so much more, and that can be enough.
bool may_make_room(const Queue& queue, std::uint64_t messages, std::uint64_t bytes);
/// Makes room as the queue's policy says. `reading`: the request was parked until a body is read.
Room make_room(State& state, Queue& queue, std::uint64_t messages, std::uint64_t bytes, Request& request, TimeMs now,
               Round& round);
Refusal queue_full(const Queue& queue);

/// Runs a produce whose turn it is, whatever waits behind it; none of its queue is parked (produce.cpp).
void produce_in_turn(State& state, Queue& queue, Request&& request, TimeMs now, Round& round);
/// Lets a produce wait; its connection is told when it is the first. False when it may not wait: the policy is another,
/// it can never fit, or too much waits already.
bool block_produce(State& state, Queue& queue, Request& request, std::uint64_t messages, std::uint64_t bytes,
                   TimeMs now, Round& round);
/// Stores what fits by now, in order, and refuses what has waited for its time. True when something was decided.
bool release_blocked(State& state, Queue& queue, TimeMs now, Round& round);
bool release_all_blocked(State& state, TimeMs now, Round& round);
/// The connection is gone, and with it whoever could be answered.
void drop_blocked(State& state, ConnectionId connection);
/// The queue is deleted: what waits is run again, to be told so.
void rerun_blocked(State& state, Queue& queue, Round& round);

}  // namespace baton::core
