#pragma once
// What was read for the request that runs now. A request may need several reads at once, and what one of them brought
// may be gone from memory when the next one is back; so it goes along with whatever else the request asks for, until
// the request is done or waits for something else. Included by the core's sources only.

#include "server/core/chunk.hpp"
#include "server/core/ids.hpp"
#include "server/core/job_reads.hpp"

#include <map>
#include <utility>
#include <vector>

namespace baton::core {

struct Queue;
struct Round;
struct State;

struct Brought {
    std::vector<ChunkPtr> chunks;
    std::map<QueueId, FoundJobs> jobs;
    std::map<std::pair<QueueId, Lane>, LaneTail> tails;

    /// Empty when nothing was read.
    const FoundJobs& jobs_of(QueueId queue) const;
    const LaneTail& tail_of(QueueId queue, Lane lane) const;
};

/// These, and what was read of the queue before: for one who needs all of it at once.
std::vector<Offset> with_found_jobs(const State& state, const Queue& queue, std::vector<Offset> offsets);
/// Makes room for another look at the same lane.
void drop_tail(State& state, Queue& queue, Lane lane);
/// Runs the request with what was read for it, and drops what it did not take along to its next read.
void dispatch_with(State& state, Brought&& brought, Request&& request, TimeMs now, Round& round);
/// The request will not run.
void drop_brought(State& state, Brought&& brought);

}  // namespace baton::core
