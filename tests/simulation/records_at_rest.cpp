// What the records of the broker at rest say of each other: counters, the index by offset, leases. What `doctor` looks
// for in a store is never there in a healthy one.

#include "server/core/ack_map.hpp"
#include "tests/simulation/simulation.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace baton::simulation {

using namespace core;

namespace {

struct LaneSum {
    std::uint64_t messages = 0, bytes = 0;
};

/// What the lanes of one queue hold, of the generation that counts.
std::map<Lane, LaneSum> lane_sums(const tests::Tables& tables, const tests::QueueKey& key, const PutQueueState& state) {
    std::map<Lane, LaneSum> sums;
    for (const auto& [at, record] : tables.lanes) {
        const auto& [queue, lane, generation, place] = at;
        const std::uint32_t current = lane == Lane::failed      ? state.failed_generation
                                      : lane == Lane::completed ? state.completed_generation
                                                                : state.lane_generation;
        if (queue == key && generation == current) {
            sums[lane].messages += 1;
            sums[lane].bytes += lane == Lane::completed ? 0 : record.body.size_of(0);
        }
    }
    return sums;
}

AckMap acks_of(const tests::Tables& tables, const tests::QueueKey& key, const PutQueueState& state) {
    AckMap acks;
    acks.restore(state);
    for (const auto& [at, page] : tables.pages) {
        if (at.first == key) {
            acks.restore(page);
        }
    }
    return acks;
}

/// Something of what a lease record names is still there.
bool holds_something(const tests::Tables& tables, const tests::QueueKey& key, const PutQueueState& state,
                     const AckMap& acks, const PutLease& lease) {
    return std::any_of(lease.ranges.begin(), lease.ranges.end(), [&](const PutLease::Range& range) {
        if (!range.from_lane) {
            return acks.next_clear(range.first) < std::min<Offset>(range.first + range.count, state.end);
        }
        const core::LaneKey place{range.lane_at, range.first, range.lane_rank, range.lane_group};
        return tables.lanes.contains({key, range.lane, state.lane_generation, place});
    });
}

}  // namespace

void Simulation::check_records() {
    const tests::Tables& tables = driver_.store().tables();
    for (const auto& [key, state] : tables.states) {
        const auto say = [&, id = key.second](const std::string& what) {
            findings_.add("records", "queue " + std::to_string(id) + ": " + what);
        };
        const auto check = [&](const char* what, std::uint64_t counted, std::uint64_t there) {
            if (counted != there) {
                say(what + (" counts " + std::to_string(counted)) + ", has " + std::to_string(there));
            }
        };
        auto sums = lane_sums(tables, key, state);
        check("timed lane", state.timed_count, sums[Lane::timed].messages);
        check("prioritized lane", state.prioritized_count, sums[Lane::prioritized].messages);
        check("grouped lane", state.grouped_count, sums[Lane::grouped].messages);
        check("lane of parents", state.flows.waiting, sums[Lane::waiting_children].messages);
        check("failed set", state.failed_count, sums[Lane::failed].messages);
        check("failed bytes", state.failed_bytes, sums[Lane::failed].bytes);
        check("completed set", state.completed.messages, sums[Lane::completed].messages);
        const AckMap acks = acks_of(tables, key, state);
        std::uint64_t live = sums[Lane::timed].bytes + sums[Lane::prioritized].bytes + sums[Lane::grouped].bytes +
                             sums[Lane::waiting_children].bytes;
        std::uint64_t plain = 0;
        for (const auto& [at, chunk] : tables.chunks) {
            for (Offset offset = chunk->first; at.first == key && offset < chunk->end(); ++offset) {
                plain += acks.test(offset) ? 0 : 1;
                live += acks.test(offset) ? 0 : chunk->at(offset).size_of(0);
            }
        }
        check("plain lane", state.end - acks.low() - acks.bits_set(), plain);
        check("live bytes", state.live_bytes, live);
        for (const auto& [at, to] : tables.locators) {
            const core::LaneKey place{to.at, to.offset, to.rank, to.group};
            if (at.first == key && !tables.lanes.contains({key, to.lane, state.lane_generation, place})) {
                say("the index by offset leads nowhere for " + std::to_string(to.offset));
            }
        }
        for (const auto& [at, lease] : tables.leases) {
            if (at.first == key && !holds_something(tables, key, state, acks, lease)) {
                say("the lease of batch " + std::to_string(lease.batch) + " holds nothing");
            }
        }
    }
}

}  // namespace baton::simulation
