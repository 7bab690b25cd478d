#include "server/core/jobs.hpp"
#include "server/core/state.hpp"

#include <utility>

namespace baton::core {

void jobs_arrived(State& state, QueueId id, LoadJobs&& load, LaneRead&& found, TimeMs now, Round& round) {
    if (state.find(id) == nullptr) {
        // Another queue may have the name by now, and these are not its messages.
        refuse(load.parked, RefusalCode::queue_deleted, "the queue was deleted meanwhile", "queue", round);
        return;
    }
    for (MessageRecord& record : found.records) {
        load.found.records[record.offset] = std::move(record);
    }
    state.found_jobs = std::move(load.found);
    dispatch(state, std::move(load.parked), now, round);
    state.found_jobs = {};
    if (Queue* queue = state.find(id)) {
        queue->job_reads.end();
    }
}

void tail_arrived(State& state, QueueId id, LoadTail&& load, LaneRead&& found, TimeMs now, Round& round) {
    if (Queue* queue = state.find(id); queue != nullptr && std::holds_alternative<Produce>(load.parked.body)) {
        queue->produce_parked = false;  // A schedule's message holds up no produce, so it lets none go either.
    }
    if (state.find(id) != nullptr) {
        state.tail = std::move(load.tail);
        state.tail.records = std::move(found.records);
    }
    dispatch(state, std::move(load.parked), now, round);
    state.tail = {};
    if (Queue* queue = state.find(id)) {
        queue->job_reads.end();
    }
    resume_produces(state, id, now, round);
}

}  // namespace baton::core
