// Whose turn it is: the ring of groups with waiting messages, without those that something holds back.
#include "server/core/groups.hpp"
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

const GroupState* known(const Queue& queue, const GroupId& group) {
    const auto found = queue.groups->states.find(group);
    return found == queue.groups->states.end() ? nullptr : &found->second;
}

}  // namespace

std::uint32_t most_in_flight(const Queue& queue, const GroupState* group) {
    const GroupSettings& settings = queue.settings.groups;
    if (settings.order == GroupOrder::strict) {
        return 1;
    }
    return group != nullptr && group->limits.max_in_flight ? *group->limits.max_in_flight : settings.max_in_flight;
}

RateLimit rate_of(const Queue& queue, const GroupState* group) {
    return group != nullptr && group->limits.rate ? *group->limits.rate : queue.settings.groups.rate;
}

std::uint64_t most_messages(const Queue& queue, const GroupState* group) {
    return group != nullptr && group->limits.max_messages ? *group->limits.max_messages
                                                          : queue.settings.groups.max_messages;
}

Allowance allowance_of_group(const Queue& queue, const GroupId& id, TimeMs now) {
    const GroupState* group = known(queue, id);
    if (group == nullptr) {
        return {};  // A bucket that was never used is full.
    }
    if (group->limits.paused) {
        return {0, Hold::paused, 0};
    }
    if (group->limits.paused_until > now) {
        return {0, Hold::paused_until, group->limits.paused_until};
    }
    if (group->facts.penalty_until > now) {
        return {0, Hold::penalty, group->facts.penalty_until};
    }
    if (group->facts.retrying != 0 && queue.settings.groups.order == GroupOrder::strict &&
        !planted(PlantedBug::strict_order_forgets_retry)) {
        return {0, Hold::retry, 0};
    }
    const std::uint32_t most = most_in_flight(queue, group);
    if (most != 0 && group->in_flight >= most) {
        return {0, Hold::in_flight, 0};
    }
    const RateLimit rate = rate_of(queue, group);
    if (rate.any() && group->facts.bucket.available(rate, now) == 0) {
        return {0, Hold::rate, group->facts.bucket.next_permit(rate, now)};
    }
    return {};
}

Turn find_turn(State& state, Queue& queue, GroupId& group, TimeMs now, Round& round) {
    Groups& groups = *queue.groups;
    if (groups.waiting() == 0) {
        return Turn::none;
    }
    if (queue.attaching != 0) {
        return Turn::reading;  // What is leased is known only then.
    }
    while (const GroupId* next = groups.ring.next()) {
        const Allowance allowed = allowance_of_group(queue, *next, now);
        if (allowed.messages != 0) {
            group = *next;
            if (groups.ring.has_head(group)) {
                return Turn::found;
            }
            groups.ring.want(group);
            read_groups(state, queue, ReadGoal::named, round);
            return groups.ring.reading() ? Turn::reading : Turn::none;
        }
        if (allowed.until != 0) {
            look_at_group(state, queue, groups.states.at(*next), allowed.until);
        }
        groups.ring.set_aside(GroupId(*next));
    }
    read_groups(state, queue, ReadGoal::turn, round);
    return groups.ring.reading() ? Turn::reading : Turn::none;
}

void read_groups(State& state, Queue& queue, ReadGoal goal, Round& round) {
    if (queue.attaching != 0 || queue.groups->waiting() == 0) {
        return;
    }
    std::optional<GroupsWanted> wanted = queue.groups->ring.begin_read(goal);
    if (!wanted) {
        return;
    }
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{queue.id, LoadGroups{wanted->read}});
    round.reads.push_back({ticket, ReadGroups{queue.ns, queue.id, queue.lane_generation, std::move(*wanted),
                                              limits::lane_window_bytes_max / 2, 0}});
}

void groups_arrived(State& state, QueueId id, std::uint64_t read, GroupsRead&& found, TimeMs now, Round& round) {
    Queue* queue = state.find(id);
    if (queue == nullptr || !queue->groups) {
        return;
    }
    queue->groups->ring.loaded(read, std::move(found));
    state.pump_later(*queue);
    state.arm(*queue, now);
    for (Request& request : std::exchange(queue->groups->parked, {})) {
        if (Queue* still = state.find(id)) {
            still->produce_parked = still->produce_parked && !is_produce_to(request, *still);
        }
        dispatch(state, std::move(request), now, round);
    }
    resume_produces(state, id, now, round);
}

}  // namespace baton::core
