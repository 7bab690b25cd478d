#pragma once
// Counts what is ready in a prioritized lane, most of which is on disk, by priority: slice by slice, so that others
// have their turns. What becomes ready or ceases to be meanwhile is noted, so that the result is exact when it is
// there. One of a queue runs at a time. Included by the core's sources only.

#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"
#include "server/core/place.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <vector>

namespace baton::core {

struct Queue;
struct Round;
struct State;

class PriorityCount {
public:
    /// With aging the lane is not in the order of priorities: all of it is looked at.
    PriorityCount(const std::vector<std::uint32_t>& priorities, bool aging);

    /// One more, or one less.
    void add(std::uint32_t priority, bool ready);
    /// A record of the lane is ready from now on, or no longer.
    void changed(const LaneKey& key, std::uint32_t priority, bool ready);
    /// The lane was emptied: begins anew.
    void restart();
    /// Where the next slice begins. It is read from a disk that has all that was noted so far.
    LaneKey begin_slice();
    /// The slice is here; of its records those that are out are not ready. True when all is counted.
    bool take_slice(const std::vector<MessageRecord>& records, bool at_end, const std::function<bool(Offset)>& is_out);
    std::uint64_t ready(std::uint32_t priority) const { return counts_.at(priority); }

private:
    struct Change {
        std::uint32_t priority = 0;
        bool ready = false;
    };
    LaneKey first_key() const;

    std::map<std::uint32_t, std::uint64_t> counts_;
    bool aging_ = false;
    /// Everything in front of this is counted, and kept right by what is noted.
    LaneKey next_;
    /// What was noted at or behind it since the slice was asked for: it may have been read before or after.
    std::map<LaneKey, Change> noted_;
    /// The slice that is being read is of no use.
    bool stale_ = false;
};

/// Of one queue: the count that runs, and requests that wait for their turn.
struct PriorityCounting {
    std::unique_ptr<PriorityCount> running;
    std::list<Request> waiting;
};

inline std::uint32_t priority_of(const MessageRecord& record) { return record.meta ? record.meta->priority : 0; }
/// Takes a record out of the window of the prioritized lane.
MessageRecord take_ranked(Queue& queue, std::map<LaneKey, MessageRecord>::iterator at);
/// Tells the count that runs, if one does, what has become of a record of the prioritized lane.
void note_ready(Queue& queue, const MessageRecord& record, bool ready);
/// The same of one that leaves the lane; what is out was not ready.
void note_leaving(Queue& queue, const LaneKey& key);

void apply_count_priorities(State& state, Request&& request, Round& round);
void priorities_arrived(State& state, Queue& queue, Request&& origin, const LaneRead& found, Round& round);

}  // namespace baton::core
