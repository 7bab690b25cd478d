#pragma once
// Waiting for the end of a message: answered at once when it is over, else by whatever ends it, or when the time is up.
// Waits live in memory, bounded by connection, and go with it. Included by the core's sources only.

#include "server/core/ids.hpp"
#include "server/core/job_waits.hpp"
#include "server/core/outcome.hpp"

namespace baton::core {

struct FoundJob;
struct Queue;
struct Refusal;
struct Request;
struct Round;
struct State;

/// A message that was looked up for a WaitJob: it is over, or the request waits for it.
void wait_for_found(State& state, Queue& queue, Request&& request, const FoundJob& job, Round& round);
/// Nothing was found of it.
void wait_for_none(State& state, Queue& queue, const Request& request, Refusal&& why, Round& round);
void answer_waits(State& state, Queue& queue, const Ending& ending, Round& round);
/// Everything but what is leased or on its way out was removed.
void answer_purged_waits(State& state, Queue& queue, Round& round);
/// The queue is deleted.
void refuse_waits(State& state, Queue& queue, Round& round);
void expire_waits(State& state, Queue& queue, TimeMs now, Round& round);
/// The connection gives one up, or is gone with all of its own.
void cancel_wait(State& state, ConnectionId connection, RequestId request, Round& round);
void drop_waits(State& state, ConnectionId connection);

}  // namespace baton::core
