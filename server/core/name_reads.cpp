// Reading who has a name: all names of a produce at once, also those of produces that wait behind another, so that
// their turn finds them known.
#include "server/core/names.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

void read_index(State& state, Queue& queue, LoadNames&& load, Round& round) {
    load.begun = state.names.begin();
    const std::uint64_t ticket = state.next_ticket++;
    ReadNames wanted{queue.ns, queue.id, load.names, {}, 0, queue.lane_generation, queue.failed_generation};
    state.reads.emplace(ticket, PendingRead{queue.id, std::move(load)});
    round.reads.push_back({ticket, std::move(wanted)});
}

}  // namespace

bool names_known(State& state, Queue& queue, const std::vector<Name>& names, Round& round) {
    bool known = true;
    LoadNames load;
    for (const Name& name : names) {
        if (state.names.find(name) == nullptr) {
            known = false;
            if (state.names.ask(name)) {
                load.names.push_back(name);
            }
        }
    }
    if (!load.names.empty()) {
        read_index(state, queue, std::move(load), round);
    }
    return known;
}

void read_names(State& state, Queue& queue, std::vector<Name> names, Request&& request, Round& round) {
    LoadNames load;
    load.names = std::move(names);
    load.parked = std::move(request);
    read_index(state, queue, std::move(load), round);
}

void names_arrived(State& state, QueueId id, LoadNames&& load, NamesRead&& found, TimeMs now, Round& round) {
    std::map<Name, NameRecord> records;
    for (auto& [name, record] : found.found) {
        records.emplace(std::move(name), record);
    }
    for (const Name& name : load.names) {
        const auto record = records.find(name);
        state.names.learn(name, load.begun,
                          record == records.end() ? std::nullopt : std::optional<NameRecord>(record->second));
    }
    state.names.end(load.begun);
    if (load.parked) {
        dispatch(state, std::move(*load.parked), now, round);
        return;
    }
    Queue* queue = state.find(id);
    if (queue == nullptr || !queue->names.waiting_produce) {
        return;
    }
    Request waiting = std::move(*queue->names.waiting_produce);
    queue->names.waiting_produce.reset();
    queue->produce_parked = false;
    dispatch(state, std::move(waiting), now, round);
    resume_produces(state, id, now, round);
}

}  // namespace baton::core
