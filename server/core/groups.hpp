#pragma once
// The groups of a queue: whose turn it is, what holds a group back, and what is known of each beyond its messages. A
// queue has this from its first grouped message or group setting on. Included by the core's sources only.

#include "server/core/allowance.hpp"
#include "server/core/group_id.hpp"
#include "server/core/group_mutation.hpp"
#include "server/core/group_ring.hpp"
#include "server/core/group_settings.hpp"
#include "server/core/message_record.hpp"
#include "server/core/rate_limit.hpp"
#include "server/core/request.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace baton::core {

struct Queue;
struct Round;
struct State;

inline bool has_group(const MetaPtr& meta) { return meta && meta->group; }

/// What is kept of one group while there is something to keep: on disk all but what leases tell.
struct GroupState {
    GroupPtr group;
    std::uint32_t in_flight = 0;
    GroupLimits limits;
    GroupFacts facts;
    /// When the group is looked at again; 0 = by no timer.
    TimeMs timer = 0;
    bool dirty = false;
    bool on_disk = false;
};

struct Groups {
    /// Records of the grouped lane, leased ones too, and how many of them are leased.
    std::uint64_t count = 0;
    std::uint64_t leased = 0;
    GroupRing ring;
    std::map<GroupId, GroupState> states;
    std::set<std::pair<TimeMs, GroupId>> timers;
    /// Whose record is to be written in this round.
    std::vector<GroupId> dirty;
    /// Requests that wait for the read under way.
    std::vector<Request> parked;

    /// After a restart more may count as leased than there are, until it is known which leases stand.
    std::uint64_t waiting() const { return count - std::min(count, leased); }
};

/// A read of the first messages of groups; `read` is the ring's number of it.
struct LoadGroups {
    std::uint64_t read = 0;
};
/// A read of groups to show.
struct AnswerGroups {
    Request origin;
};

void apply_group_request(State& state, Request&& request, TimeMs now, Round& round);  // group_requests.cpp
void answer_groups(Queue& queue, Request&& origin, GroupsRead&& found, TimeMs now, Round& round);

/// The groups of a queue, made when it has none yet.
Groups& groups_of(Queue& queue);
GroupState& state_of(Groups& groups, const GroupPtr& group);
/// The state changed: its record is written with the round, if the queue's is, or it is forgotten when idle.
void touch_group(Groups& groups, GroupState& group);

/// What holds a group back, and until when; 0 = by no timer. `none`: at most so many messages now.
Allowance allowance_of_group(const Queue& queue, const GroupId& group, TimeMs now);
/// How many messages of one group may be in flight; 0 = no limit.
std::uint32_t most_in_flight(const Queue& queue, const GroupState* group);
RateLimit rate_of(const Queue& queue, const GroupState* group);
std::uint64_t most_messages(const Queue& queue, const GroupState* group);

enum class Turn : std::uint8_t { found, none, reading };
/// Finds the group whose message goes out next.
Turn find_turn(State& state, Queue& queue, GroupId& group, TimeMs now, Round& round);
/// Reads on where groups run out of messages in memory.
void read_groups(State& state, Queue& queue, ReadGoal goal, Round& round);
void groups_arrived(State& state, QueueId id, std::uint64_t read, GroupsRead&& found, TimeMs now, Round& round);
/// Looks again at groups whose time has come.
void run_group_timers(State& state, Queue& queue, TimeMs now, Round& round);
/// The records of the groups that a round touched.
void write_groups(Queue& queue, Round& round);
/// Looks at the group again then, if not before.
void look_at_group(State& state, Queue& queue, GroupState& group, TimeMs at);
/// After a restart: what ends by time ends then.
void resume_groups(State& state, Queue& queue, TimeMs now);

// ---- what happens to messages of groups

/// Written to the grouped lane, or to the timed one to enter its group later.
void entered_group_lane(Queue& queue, const MessageRecord& record);
/// `again`: it had been tried, and waited in the timed lane.
void left_group_lane(Queue& queue, Lane lane, const GroupId& group, bool again);
void group_leased(State& state, Queue& queue, const GroupPtr& group, TimeMs now);
/// A lease was there before the restart.
void group_lease_restored(Queue& queue, const GroupId& group, Offset offset);
void group_lease_ended(State& state, Queue& queue, const GroupId& group);
/// The message is leased while everything around it is purged.
void group_lease_survives(Queue& queue, const MessageRecord& record);
/// The queue's rules for groups changed from `before`.
void group_settings_changed(State& state, Queue& queue, const GroupSettings& before, TimeMs now);
void restore_group(Queue& queue, const PutGroup& record);
void penalise_group(State& state, Queue& queue, const GroupPtr& group, DurationMs penalty_ms, TimeMs now, Round& round);
/// Everything waiting or delayed is gone.
void purge_groups(Queue& queue);

}  // namespace baton::core
