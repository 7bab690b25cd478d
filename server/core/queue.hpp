#pragma once
// One queue as the core holds it: a log, its cursor, the lanes beside the plain one, and who consumes it. Data only;
// the behaviour is in the files named after it (produce, deliver, settle, give_back, move_out, ...).

#include "server/core/ack_map.hpp"
#include "server/core/chunk_window.hpp"
#include "server/core/event_log.hpp"
#include "server/core/finished.hpp"
#include "server/core/groups.hpp"
#include "server/core/ids.hpp"
#include "server/core/job_reads.hpp"
#include "server/core/job_waits.hpp"
#include "server/core/lane_window.hpp"
#include "server/core/lease_table.hpp"
#include "server/core/mutation.hpp"
#include "server/core/overflow.hpp"
#include "server/core/priority_count.hpp"
#include "server/core/producer_memory.hpp"
#include "server/core/queue_names.hpp"
#include "server/core/queue_parts.hpp"
#include "server/core/queue_settings.hpp"
#include "server/core/reports.hpp"
#include "server/core/request.hpp"
#include "server/core/scheduled_runs.hpp"
#include "server/core/start_marks.hpp"
#include "server/core/timed_lane.hpp"
#include "server/core/topic_role.hpp"

#include <algorithm>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton::core {

struct Consumer;

// What most queues have none of is a list or a pointer, never a deque, which takes half a kilobyte when it is empty:
// ten thousand queues are ordinary.
struct Queue : TopicRole {
    // ---- on disk as PutQueue
    NamespaceId ns{};
    QueueId id{};
    std::string name;
    Profile profile = Profile::message;
    TimeMs created_at = 0;
    QueueSettings settings;

    // ---- on disk as PutQueueState, pages, returned and producer records
    Offset end = 0, horizon = 0;
    AckMap acks;
    TimeMs lane_horizon = 0;
    BatchNumber next_batch = 1;
    std::uint32_t lane_generation = 0, failed_generation = 0;
    std::uint64_t timed_count = 0, failed_count = 0;
    std::uint64_t prioritized_count = 0, fronts = 0;
    std::uint64_t live_bytes = 0, failed_bytes = 0;
    FinishedLog completed, failed;
    EventLog events;
    FlowCounts flows;
    std::uint32_t completed_generation = 0;
    QueueTotals totals;
    JobMinutes minutes;
    TokenBucket bucket;
    TimeMs penalty_until = 0;
    bool has_expiries = false;  // The index of expiries may have entries.
    Reports reports;
    std::map<Offset, ReturnedRecord> returned;
    ProducerMemory producers;
    QueueNames names;

    // ---- memory only
    JobWaits waits;
    /// The next offset of the plain lane that was never delivered; skips done ones when used.
    Offset next = 0;
    ChunkWindow window;
    TimedLane lane;
    LaneWindow prioritized{Lane::prioritized};
    PriorityCounting counting;
    /// Null until the first message or setting of a group.
    std::unique_ptr<Groups> groups;
    JobReads job_reads;
    LeaseTable leases;
    /// Leased of the plain, the timed and the prioritized lane.
    std::uint64_t leased_plain = 0, leased_lane = 0, leased_prioritized = 0;
    /// Plain messages that wait again, with their ready time.
    std::map<Offset, TimeMs> waiting_again;
    std::map<Offset, MovingMessage> moving;
    std::map<Offset, LaneFence> lane_fences;
    /// How many queues name this one as their dead-letter target.
    std::uint32_t dead_letter_users = 0;
    RecentSettles recent_settles;
    std::list<RecentEnd> recent_ends;
    ScheduledRuns scheduled_runs;
    std::vector<Consumer*> consumers;
    std::size_t next_consumer = 0;
    /// Appended in this round, not sealed yet; adjacent chunks in offset order.
    std::vector<Chunk> appended;
    /// Produces that wait behind a parked one of this queue, in order.
    std::list<Request> waiting_produces;
    bool produce_parked = false;
    /// Produces that wait for room, in order.
    std::list<BlockedProduce> blocked;
    bool chunk_read_pending = false, task_running = false;
    /// Nothing in the index of expiries is earlier; 0 = it has nothing that is not being read.
    TimeMs next_expiry = 0;
    bool expiries_read_pending = false;
    /// What was due by this time in the lane may have been delivered before the restart.
    TimeMs restart_lane_horizon = INT64_MIN;
    /// Lane messages of restored leases, with their due times, whose bodies were not asked for yet.
    std::vector<ToAttach> to_attach;
    /// How many of them are being read or waited for, and the settles that wait for that.
    std::uint32_t attaching = 0;
    std::vector<Request> waiting_attach;
    /// Leases that ended before the body of their message was attached.
    std::vector<GiveBackLater> give_back_later;
    /// Lane records loaded while their old token may still settle them: held until the grace ends.
    TimeMs restart_hold_until = 0;
    /// The first batch number of this start; tokens of earlier starts have smaller ones.
    BatchNumber first_batch = 1;
    StartMarks starts;
    /// Batches up to this were looked at for their record on disk.
    BatchNumber recorded_through = 0;
    std::optional<TimeMs> armed_at;
    /// When a limit or pause lets the waiting consumers have something again; 0 = none of them waits for that.
    TimeMs held_until = 0;
    bool dirty = false, to_pump = false;

    // After a restart leases count until it is known that their records still stand: there can be more of them than of
    // the messages themselves.
    static std::uint64_t less(std::uint64_t all, std::uint64_t leased) { return all - std::min(all, leased); }
    bool keeps_events() const { return settings.keep_events || delivery_log; }
    /// Somebody may want to know how messages end.
    bool watched() const { return keeps_events() || reports.any || !waits.empty() || flows.any(); }
    FinishedLog& finished(FinishedSet set) { return set == FinishedSet::completed ? completed : failed; }
    std::uint64_t plain_unsettled() const { return end - acks.low() - acks.bits_set(); }
    std::uint64_t prioritized_waiting() const { return less(prioritized_count, leased_prioritized); }
    std::uint64_t grouped_waiting() const { return groups ? groups->waiting() : 0; }
    /// Everything that could be delivered now, prioritized and grouped ones too.
    std::uint64_t waiting_count() const {
        return plain_unsettled() - leased_plain - delayed_in_place() + lane.ready_count() + prioritized_waiting() +
               grouped_waiting();
    }
    std::uint64_t delayed_count() const {
        return less(timed_count, leased_lane + lane.ready_count()) + delayed_in_place();
    }
    std::uint64_t leased_count() const {
        return leased_plain + std::min(less(timed_count, lane.ready_count()), leased_lane) +
               std::min(prioritized_count, leased_prioritized) + (groups ? std::min(groups->count, groups->leased) : 0);
    }
    std::uint64_t& leased_of(Lane which) {
        return which == Lane::grouped ? groups->leased : which == Lane::prioritized ? leased_prioritized : leased_lane;
    }
    /// Of the timed or the prioritized lane.
    LaneWindow& window_of(Lane which) { return which == Lane::prioritized ? prioritized : lane.window(); }
    /// The record is leased.
    bool is_out(Lane which, Offset offset) const {
        return which == Lane::grouped       ? groups && groups->ring.is_out(offset)
               : which == Lane::prioritized ? prioritized.is_out(offset)
                                            : lane.window().is_out(offset);
    }
    bool is_out(Offset offset) const {
        return is_out(Lane::timed, offset) || is_out(Lane::prioritized, offset) || is_out(Lane::grouped, offset);
    }
    /// The disk has prioritized messages and none is in memory: which is first is not known before a load.
    bool prioritized_unknown() const { return !prioritized.complete() && prioritized.records().empty(); }
};

}  // namespace baton::core
