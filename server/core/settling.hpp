#pragma once
// The parts of a settle that have a file of their own, and what they share: what a failed attempt leads to (retry.cpp),
// more time for leases (extend.cpp), and acks whose lease has ended (late_ack.cpp). Included by the core's sources
// only.

#include "server/core/ids.hpp"
#include "server/core/lease_table.hpp"
#include "server/core/refusal.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <optional>
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

// ---- leased_record.cpp

/// What the record of a leased message is, or would be if it had one; nothing: its chunk is being read, and `request`
/// waits for it.
std::optional<MessageRecord> leased_record(State& state, Queue& queue, const LeaseBatch& batch, Offset offset,
                                           Request& request, Round& round);
/// A leased message changes: from now on it has this record. Its chunk is in memory when it had none. Not for what is
/// held since before a restart.
void change_leased_record(State& state, Queue& queue, LeaseBatch& batch, MessageRecord&& record, TimeMs now,
                          Round& round);
/// Ends the lease and takes the message out of where it was: what was its record, or of its chunk, which is in memory.
MessageRecord take_leased(State& state, Queue& queue, LeaseBatch& batch, Offset offset,
                          std::optional<MessageRecord>&& lane, Round& round);  // retry.cpp

/// True: some message of this settlement needs its chunk or its flow in memory, and `request`, that it belongs to,
/// waits for it.
bool settlement_parked(State& state, Queue& queue, const Settlement& settlement, Request& request,
                       Round& round);  // settle_reads.cpp
/// Settles what is known to be held and in memory.
void carry_out_settlements(State& state, const std::vector<Settlement>& settlements, const FlowsSeen& flows, TimeMs now,
                           Round& round);
/// A job whose own children are not over is not done, as was seen before.
std::optional<RefusalCode> why_not_ackable(const FlowsSeen& flows, const Queue& queue, Offset offset,
                                           const SettleAction& action);

/// A settle of these that comes again is told that it was done.
void remember_settle(Queue& queue, BatchNumber batch, Offset first, std::uint32_t count);
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
