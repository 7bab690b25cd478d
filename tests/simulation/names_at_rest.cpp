// The index of names while the broker is at rest, held against the messages that have them.

#include "tests/simulation/simulation.hpp"

#include <map>
#include <set>
#include <utility>

namespace baton::simulation {

using namespace core;

namespace {

using Holders = std::map<Name, Offset>;

/// The names that the stored messages of a queue have, and which of its messages have a record at all.
void collect(const tests::Tables& tables, const tests::QueueKey& key, const PutQueueState& state, Holders& holders,
             std::set<Offset>& recorded) {
    for (const auto& [at, record] : tables.lanes) {
        const auto& [queue, lane, generation, place] = at;
        const bool failed = lane == Lane::failed;
        if (queue != key || lane == Lane::completed ||
            generation != (failed ? state.failed_generation : state.lane_generation)) {
            continue;
        }
        recorded.insert(record.offset);
        if (!record.meta || !record.meta->identity) {
            continue;
        }
        const core::Identity& own = *record.meta->identity;
        if (!own.id.empty()) {
            holders[{QueueId{key.second}, NameKind::id, own.id}] = record.offset;
        }
        if (own.dedup && !failed && !has_window(*own.dedup)) {
            holders[{QueueId{key.second}, NameKind::dedup, own.dedup->key}] = record.offset;
        }
    }
}

}  // namespace

void Simulation::check_names() {
    const tests::Tables& tables = driver_.store().tables();
    const auto say = [&](const Name& name, const std::string& what) {
        findings_.add("names", "'" + name.text + "' of queue " + std::to_string(value(name.queue)) + ": " + what);
    };
    for (const auto& [key, state] : tables.states) {
        Holders holders;
        std::set<Offset> recorded;
        collect(tables, key, state, holders, recorded);
        for (const auto& [name, offset] : holders) {
            const auto found = tables.names.find(name);
            if (found == tables.names.end() || found->second.record.remembered ||
                found->second.record.holder != offset || found->second.record.until != 0) {
                say(name, "the index does not say that " + std::to_string(offset) + " has it");
            }
        }
        for (const auto& [name, put] : tables.names) {
            const NameRecord& record = put.record;
            if (value(name.queue) == key.second && !record.remembered && record.until == 0 && !state.names.sweeping &&
                !recorded.contains(record.holder)) {
                say(name, "its holder " + std::to_string(record.holder) + " is gone");
            }
            if (value(name.queue) == key.second && record.number != 0) {
                const TimeMs until = record.until != 0 ? record.until : INT64_MAX;
                const auto end = tables.name_ends.find({key, until, record.number});
                if (end == tables.name_ends.end() || end->second.name != name) {
                    say(name, "nothing ends it");
                }
            }
        }
        std::uint64_t ends = 0;
        for (const auto& [at, end] : tables.name_ends) {
            ends += std::get<0>(at) == key ? 1 : 0;
        }
        if (ends != state.names.timed + state.names.counted) {
            findings_.add("names", "queue " + std::to_string(key.second) + " counts " +
                                       std::to_string(state.names.timed + state.names.counted) + " ends but has " +
                                       std::to_string(ends));
        }
        for (const auto& [at, put] : tables.parked) {
            if (at.first == key && !recorded.contains(put.parked.holder)) {
                findings_.add("names", "parked behind " + std::to_string(put.parked.holder) + " which is gone");
            }
        }
    }
}

}  // namespace baton::simulation
