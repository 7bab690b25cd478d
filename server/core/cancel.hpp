#pragma once
// Giving up messages by their ids. What waits is gone at once; who holds one is told and has a grace in which an ack
// still counts. Included by the core's sources only.

#include "server/core/ids.hpp"
#include "server/core/request.hpp"
#include "server/core/revocation.hpp"

#include <vector>

namespace baton::core {

struct Consumer;
struct LeaseBatch;
struct Queue;
struct Round;
struct State;

void apply_cancel_jobs(State& state, Request&& request, TimeMs now, Round& round);
/// Tells the holder, if it is there, that these leases end.
void tell_revoked(const Queue& queue, const LeaseBatch& batch, std::vector<OffsetRange>&& ranges, RevokeReason reason,
                  DurationMs grace_ms, Round& round);
/// A holder is back: it hears again of the cancelled ones among what it holds.
void tell_revoked_again(Queue& queue, const Consumer& consumer, TimeMs now, Round& round);
/// A lease ended by the server for a reason of its own: later settles of it are refused with `code`.
void remember_end(Queue& queue, BatchNumber batch, Offset offset, RefusalCode code);

}  // namespace baton::core
