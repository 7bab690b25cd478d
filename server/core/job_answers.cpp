#include "server/core/jobs.hpp"
#include "server/core/state.hpp"

#include <utility>

namespace baton::core {

void jobs_arrived(State& state, QueueId id, LoadJobs&& load, LaneRead&& found, TimeMs now, Round& round) {
    if (state.find(id) == nullptr) {
        // Another queue may have the name by now, and these are not its messages.
        drop_brought(state, std::move(load.brought));
        refuse(load.parked, RefusalCode::queue_deleted, "the queue was deleted meanwhile", "queue", round);
        return;
    }
    for (MessageRecord& record : found.records) {
        load.found.records[record.offset] = std::move(record);
    }
    load.brought.jobs[id] = std::move(load.found);
    Queue* const queue = state.find(id);
    const bool produce = queue != nullptr && is_produce_to(load.parked, *queue);
    if (produce) {
        queue->produce_parked = false;
    }
    dispatch_with(state, std::move(load.brought), std::move(load.parked), now, round);
    if (produce) {
        resume_produces(state, id, now, round);
    }
}

void tail_arrived(State& state, QueueId id, LoadTail&& load, LaneRead&& found, TimeMs now, Round& round) {
    if (Queue* queue = state.find(id); queue != nullptr && is_produce_to(load.parked, *queue)) {
        queue->produce_parked = false;  // A schedule's message holds up no produce, so it lets none go either.
    }
    load.tail.records = std::move(found.records);
    load.brought.tails[{id, load.lane}] = std::move(load.tail);
    dispatch_with(state, std::move(load.brought), std::move(load.parked), now, round);
    resume_produces(state, id, now, round);
}

}  // namespace baton::core
