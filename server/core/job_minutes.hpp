#pragma once
// How many jobs of a queue completed and failed in each of the last minutes. The running minute is part of the queue's
// state, which is written anyway; the others are one record that is written when a minute has passed, at most once in
// it. So both outlive a restart, and no end of a job costs a write of its own. Plain values, and the one behaviour.

#include "server/core/ids.hpp"

#include <cstdint>
#include <list>
#include <string>
#include <vector>

namespace baton::core {

struct Queue;
struct Request;
struct Round;
struct State;

struct JobMinute {
    /// Broker time in whole minutes.
    std::int64_t minute = 0;
    std::uint64_t completed = 0, failed = 0;
    bool operator==(const JobMinute&) const = default;
};

/// The minutes of a queue that have passed and in which jobs ended, the oldest first.
struct PutJobMinutes {
    NamespaceId ns{};
    QueueId id{};
    std::list<JobMinute> minutes;
};

/// What a queue holds of it in memory.
struct JobMinutes {
    std::list<JobMinute> passed;
    /// The totals that are part of some minute already.
    std::uint64_t completed_noted = 0, failed_noted = 0;
};

struct ShowMetrics {
    std::string queue;
    /// How many minutes to leave out, from the running one on.
    std::uint32_t skip = 0;
    std::uint32_t minutes = 60;
};

struct JobMetrics {
    /// When the first minute that is told begins; the others lie before it.
    TimeMs newest_at = 0;
    /// The newest first; minutes in which nothing ended too.
    std::vector<std::uint64_t> completed, failed;
    /// Since the queue was made.
    std::uint64_t completed_total = 0, failed_total = 0;
};

/// Takes what ended since the last call into the running minute. At the end of a round that touched the queue.
void note_minute(Queue& queue, TimeMs now, Round& round);
void apply_show_metrics(State& state, const Request& request, TimeMs now, Round& round);

}  // namespace baton::core
