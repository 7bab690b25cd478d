#pragma once
// Flows as memory has them: those that were used last, and what waits until the record of another one is read. Owned by
// the state; bounded by limits, never by how many flows there are.

#include "server/core/flow.hpp"
#include "server/core/flow_mutation.hpp"
#include "server/core/message_record.hpp"
#include "server/core/request.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace baton::core {

/// A flow in memory.
struct Flow {
    NamespaceId ns{};
    FlowHead head;
    std::vector<FlowChild> children;
    /// The message that waits for them; absent unless the flow's state is waiting, or it is about to.
    std::optional<MessageRecord> parent;
    /// Children that it waits for.
    std::uint32_t holding = 0;
    /// Pages that differ from those on disk.
    std::set<std::uint32_t> changed;
    /// What it counts for.
    std::size_t bytes = 0;
};

/// A flow whose record is being read, and what is for it.
struct FlowReading {
    /// Given back with the answer; 0 = not asked for yet.
    std::uint64_t number = 0;
    /// Of which child, and what, by the number of its record: all of it is on disk.
    std::map<std::uint32_t, std::pair<std::uint32_t, FlowNews>> news;
    std::vector<Request> parked;
};

/// One action on many jobs of flows, under way.
struct FlowWalk {
    Request origin;
    /// In the order in which they are acted on; those before `next` are done or under way.
    std::vector<FlowId> jobs;
    std::size_t next = 0;
    /// Where the slice that is under way began.
    std::size_t slice = 0;
    FlowActed done;
};

struct FlowTable {
    std::map<FlowId, Flow> loaded;
    /// In the order in which they came; some may be gone.
    std::deque<FlowId> order;
    std::size_t bytes = 0;
    std::map<FlowId, FlowReading> reading;
    std::uint64_t next_reading = 1;
    /// What children told in this round.
    std::vector<std::pair<FlowLink, FlowNews>> told;
    std::set<FlowId> changed;
    /// What queues have lost and flows were not told of yet; after a restart to be begun anew.
    std::vector<LostChildren> lost, lost_before_restart;
    /// By the number that their requests carry.
    std::map<std::uint64_t, FlowWalk> walks;
    std::uint64_t next_walk = 1;
    /// When the next slice of a walk is due, and those whose slice comes with the next round.
    std::set<std::pair<TimeMs, std::uint64_t>> walk_timers;
    std::vector<std::uint64_t> walks_next_round;
    /// Requests that act on flows and are not answered.
    std::uint32_t acting = 0;
    /// There is no such flow, as the read for the request that runs now has found.
    std::optional<FlowId> absent;
};

/// A read of a flow: for itself, or for long results that a request wants.
struct LoadFlow {
    FlowId flow;
    std::uint64_t number = 0;
    std::optional<Request> wants_results;
    std::vector<std::uint32_t> results;
};

/// A read of the flows that may have lost children.
struct LoadFlowMembers {
    Request parked;
};

}  // namespace baton::core
