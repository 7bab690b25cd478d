#include "server/core/brought.hpp"

#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

const FoundJobs& Brought::jobs_of(QueueId queue) const {
    static const FoundJobs none;
    const auto found = jobs.find(queue);
    return found == jobs.end() ? none : found->second;
}

const LaneTail& Brought::tail_of(QueueId queue, Lane lane) const {
    static const LaneTail none;
    const auto found = tails.find({queue, lane});
    return found == tails.end() ? none : found->second;
}

std::vector<Offset> with_found_jobs(const State& state, const Queue& queue, std::vector<Offset> offsets) {
    for (const auto& [offset, record] : state.brought.jobs_of(queue.id).records) {
        offsets.push_back(offset);
    }
    std::sort(offsets.begin(), offsets.end());
    offsets.erase(std::unique(offsets.begin(), offsets.end()), offsets.end());
    return offsets;
}

void drop_tail(State& state, Queue& queue, Lane lane) {
    if (state.brought.tails.erase({queue.id, lane}) != 0) {
        queue.job_reads.end();
    }
}

void dispatch_with(State& state, Brought&& brought, Request&& request, TimeMs now, Round& round) {
    take_in(state, brought.chunks);
    state.brought = std::move(brought);
    dispatch(state, std::move(request), now, round);
    drop_brought(state, std::exchange(state.brought, {}));
}

void drop_brought(State& state, Brought&& brought) {
    for (const auto& [id, jobs] : brought.jobs) {
        if (Queue* queue = state.find(id)) {
            queue->job_reads.end();
        }
    }
    for (const auto& [of, tail] : brought.tails) {
        if (Queue* queue = state.find(of.first)) {
            queue->job_reads.end();
        }
    }
}

}  // namespace baton::core
