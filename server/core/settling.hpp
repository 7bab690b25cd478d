#pragma once
// The parts of a settle that have a file of their own, and what they share: what a failed attempt leads to (retry.cpp),
// more time for leases (extend.cpp), and acks whose lease has ended (late_ack.cpp). Included by the core's sources
// only.

#include "server/core/ids.hpp"
#include "server/core/lease_table.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <vector>

namespace baton::core {

struct Queue;
struct Round;
struct State;

/// Bytes of the messages [first, first + count) of a leased run; their chunks are in memory when the run has no index.
std::uint64_t leased_bytes(const Queue& queue, const LeasedRun& run, Offset first, std::uint32_t count);
/// Counters and history of one leased message as they are now.
LeasedDetail detail_of(const Queue& queue, const LeaseBatch& batch, std::uint32_t position, Offset offset);
/// False: its size is not known before its chunk is read, which was asked for; until then its lease goes on.
bool ready_to_end(State& state, Queue& queue, const LeaseBatch& batch, std::uint32_t position, Offset offset,
                  Round& round);

/// True: some message of this settlement needs its chunk in memory, and `request`, that it belongs to, waits for it.
bool settlement_parked(State& state, Queue& queue, const Settlement& settlement, Request& request,
                       Round& round);  // settle_reads.cpp
/// Settles what is known to be held and in memory.
void carry_out_settlements(State& state, const std::vector<Settlement>& settlements, TimeMs now, Round& round);

/// Acks messages of one leased run, all open. May erase the batch.
void ack_leases(State& state, Queue& queue, LeaseBatch& batch, const LeasedRun& run, Offset first, std::uint32_t count,
                const JobResultPtr& result, TimeMs now, Round& round);
/// One attempt failed: the message is tried again later, or leaves when its attempts are used up. May erase the batch.
void fail_lease(State& state, Queue& queue, LeaseBatch& batch, Offset offset, const Fail& fail, TimeMs now,
                Round& round);
/// The error class of an attempt that ran longer than it may.
inline constexpr const char* run_limit_class = "RunTimeExceeded";
/// The attempt at this message has run as long as it may: it fails, and its holder is told. May erase the batch.
void end_run(State& state, Queue& queue, LeaseBatch& batch, std::uint32_t position, Offset offset, TimeMs now,
             Round& round);  // run_limit.cpp
/// The leases of these positions, adjacent and open, end later.
void extend_leases(State& state, Queue& queue, LeaseBatch& batch, std::uint32_t position, std::uint32_t count,
                   const Extend& extend, TimeMs now, Round& round);
/// Takes the ack of a message that waits again when `token` held it last, since the work is done; else false.
bool late_ack(State& state, Queue& queue, const Token& token, Offset offset, const JobResultPtr& result, TimeMs now,
              Round& round);

}  // namespace baton::core
