#pragma once
// Time to live of what waits anywhere in a queue: an index on disk by time, of which memory knows the earliest. A
// message of the plain lane is found by its chunk, one in a lane by its record. Included by the core's sources only.

#include "server/core/chunk.hpp"
#include "server/core/expiry_mutation.hpp"
#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"

#include <set>

namespace baton::core {

struct Queue;
struct Round;
struct State;

/// What was asked of the index, and since when what it finds in the lanes holds.
struct LoadExpiring {
    std::uint64_t version = 0;
    std::uint32_t lane_generation = 0;
};

void index_chunk(State& state, Queue& queue, const Chunk& chunk, Round& round);
/// A lane record that was put under its key.
void index_record(State& state, Queue& queue, const MessageRecord& record, Round& round);
void unindex_record(const Queue& queue, const MessageRecord& record, Round& round);
/// A plain message waits again: when its time was over meanwhile, its chunk is looked at.
void index_again(State& state, Queue& queue, Offset offset, TimeMs now, Round& round);
/// After a purge, which forgets the index: the plain messages that it spared.
void index_survivors(State& state, Queue& queue, const std::set<Offset>& survivors, Round& round);

/// Asks for what is due.
void fire_expiries(State& state, Queue& queue, TimeMs now, Round& round);
void expiries_arrived(State& state, Queue& queue, const LoadExpiring& load, ExpiringRead&& found, TimeMs now,
                      Round& round);

}  // namespace baton::core
