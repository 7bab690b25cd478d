// What is known of groups beyond their messages, kept while there is something to keep, and what time changes of it.
#include "server/core/groups.hpp"

#include "server/core/planted_bug.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace baton::core {

namespace {

/// When the bucket is as if it had never been used.
TimeMs full_at(const RateLimit& rate, const TokenBucket& bucket, TimeMs now) {
    const std::uint64_t missing = rate.capacity() - bucket.available(rate, now);
    const auto parts = missing * static_cast<std::uint64_t>(rate.per_ms);
    return now + static_cast<DurationMs>((parts + rate.permits - 1) / rate.permits);
}

bool counts_messages(const Queue& queue) { return queue.settings.groups.max_messages != 0; }
bool is_strict(const Queue& queue) { return queue.settings.groups.order == GroupOrder::strict; }

/// What time has ended by now is over; when it ends next, 0 = never.
TimeMs end_by_time(const Queue& queue, GroupState& group, TimeMs now) {
    TimeMs next = 0;
    const auto then = [&next](TimeMs at) { next = next == 0 ? at : std::min(next, at); };
    for (TimeMs* until : {&group.limits.paused_until, &group.facts.penalty_until}) {
        if (*until > now) {
            then(*until);
        } else {
            *until = 0;
        }
    }
    const RateLimit rate = rate_of(queue, &group);
    if (rate.any() && group.facts.bucket.at != 0) {
        const TimeMs full = full_at(rate, group.facts.bucket, now);
        if (full > now) {
            then(full);
        } else {
            group.facts.bucket = {};
        }
    }
    return next;
}

}  // namespace

Groups& groups_of(Queue& queue) {
    if (!queue.groups) {
        queue.groups = std::make_unique<Groups>();
    }
    return *queue.groups;
}

GroupState& state_of(Groups& groups, const GroupPtr& group) {
    GroupState& state = groups.states[group->id];
    if (!state.group || state.group->name.empty()) {
        state.group = group;
    }
    return state;
}

void touch_group(Groups& groups, GroupState& group) {
    if (!group.dirty) {
        group.dirty = true;
        groups.dirty.push_back(group.group->id);
    }
}

void write_groups(Queue& queue, Round& round) {
    if (!queue.groups) {
        return;
    }
    Groups& groups = *queue.groups;
    for (const GroupId& id : std::exchange(groups.dirty, {})) {
        GroupState& group = groups.states.at(id);
        group.dirty = false;
        const bool kept = group.limits != GroupLimits{} || group.facts != GroupFacts{};
        if (kept) {
            round.mutations.push_back(PutGroup{queue.ns, queue.id, id, group.group->name, group.limits, group.facts});
        } else if (group.on_disk) {
            round.mutations.push_back(RemoveGroup{queue.ns, queue.id, id});
        }
        group.on_disk = kept;
        if (!kept && group.in_flight == 0) {
            groups.timers.erase({group.timer, id});
            groups.states.erase(id);
        }
    }
}

void restore_group(Queue& queue, const PutGroup& record) {
    GroupState& group =
        state_of(groups_of(queue), std::make_shared<const GroupName>(GroupName{record.group, record.name}));
    group.limits = record.limits;
    group.facts = record.facts;
    group.on_disk = true;
}

void resume_groups(State& state, Queue& queue, TimeMs now) {
    if (!queue.groups) {
        return;
    }
    for (auto& [id, group] : queue.groups->states) {
        look_at_group(state, queue, group, now);
    }
    state.arm(queue, now);
}

void look_at_group(State& state, Queue& queue, GroupState& group, TimeMs at) {
    auto& timers = queue.groups->timers;
    if (group.timer == 0 || at < group.timer) {
        timers.erase({group.timer, group.group->id});
        group.timer = at;
        timers.emplace(at, group.group->id);
    }
    state.arm(queue, at);
}

void run_group_timers(State& state, Queue& queue, TimeMs now, Round& round) {
    if (!queue.groups) {
        return;
    }
    Groups& groups = *queue.groups;
    while (!groups.timers.empty() && groups.timers.begin()->first <= now) {
        const GroupId id = groups.timers.begin()->second;
        groups.timers.erase(groups.timers.begin());
        GroupState& group = groups.states.at(id);
        group.timer = 0;
        if (const TimeMs next = end_by_time(queue, group, now)) {
            look_at_group(state, queue, group, next);
        }
        groups.ring.wake(id);
        touch_group(groups, group);
        state.touch(queue, round);
    }
    if (!groups.timers.empty()) {
        state.arm(queue, groups.timers.begin()->first);
    }
    if (groups.waiting() != 0) {
        state.pump_later(queue);
    }
}

void entered_group_lane(Queue& queue, const MessageRecord& record) {
    Groups& groups = groups_of(queue);
    groups.count += record.lane == Lane::grouped ? 1 : 0;
    const bool again = record.lane == Lane::timed && record.meta->counters.deliveries != 0;
    if (!counts_messages(queue) && !(again && is_strict(queue))) {
        return;
    }
    GroupState& group = state_of(groups, record.meta->group);
    if (counts_messages(queue)) {
        group.facts.messages += 1;
        group.facts.delayed += record.lane == Lane::timed ? 1 : 0;
    }
    group.facts.retrying += again && is_strict(queue) ? 1 : 0;
    touch_group(groups, group);
}

void left_group_lane(Queue& queue, Lane lane, const GroupId& id, bool again) {
    if (!queue.groups) {
        return;  // After a restart, before anything was ready.
    }
    Groups& groups = *queue.groups;
    groups.count -= lane == Lane::grouped ? 1 : 0;
    const auto found = groups.states.find(id);
    if (found == groups.states.end()) {
        return;
    }
    GroupState& group = found->second;
    const GroupFacts before = group.facts;
    if (counts_messages(queue)) {
        group.facts.messages -= std::min<std::uint64_t>(group.facts.messages, 1);
        group.facts.delayed -= std::min<std::uint64_t>(group.facts.delayed, lane == Lane::timed ? 1 : 0);
    }
    if (again && lane == Lane::timed && group.facts.retrying != 0) {
        group.facts.retrying -= 1;
        groups.ring.wake(id);
    }
    if (group.facts != before) {
        touch_group(groups, group);
    }
}

void group_leased(State& state, Queue& queue, const GroupPtr& id, TimeMs now) {
    Groups& groups = *queue.groups;
    if (!planted(PlantedBug::group_keeps_its_turn)) {
        groups.ring.turn_taken(id->id);
    }
    GroupState& group = state_of(groups, id);
    group.in_flight += 1;
    const RateLimit rate = rate_of(queue, &group);
    if (rate.any()) {
        group.facts.bucket.take(rate, 1, now);
        look_at_group(state, queue, group, full_at(rate, group.facts.bucket, now));
        touch_group(groups, group);
    }
    const std::uint32_t most = most_in_flight(queue, &group);
    if (most != 0 && group.in_flight >= most) {
        groups.ring.set_aside(id->id);
    }
}

void group_lease_restored(Queue& queue, const GroupId& id, Offset offset) {
    // Its name comes with the message, which is read soon.
    GroupState& group = state_of(groups_of(queue), std::make_shared<const GroupName>(GroupName{id, {}}));
    group.in_flight += 1;
    queue.groups->ring.mark_out(offset);
}

void group_lease_ended(State& state, Queue& queue, const GroupId& id) {
    Groups& groups = *queue.groups;
    const auto found = groups.states.find(id);
    if (found == groups.states.end() || found->second.in_flight == 0) {
        return;
    }
    found->second.in_flight -= 1;
    groups.ring.wake(id);
    touch_group(groups, found->second);
    state.pump_later(queue);
}

void group_lease_survives(Queue& queue, const MessageRecord& record) {
    queue.groups->count += 1;
    queue.groups->ring.mark_out(record.offset);
    if (counts_messages(queue)) {
        GroupState& group = state_of(*queue.groups, record.meta->group);
        group.facts.messages += 1;
        touch_group(*queue.groups, group);
    }
}

void purge_groups(Queue& queue) {
    if (!queue.groups) {
        return;
    }
    queue.groups->count = 0;
    queue.groups->ring.clear();
    for (auto& [id, group] : queue.groups->states) {
        group.facts.messages = group.facts.delayed = 0;
        group.facts.retrying = 0;
        touch_group(*queue.groups, group);
    }
}

void group_settings_changed(State& state, Queue& queue, const GroupSettings& before, TimeMs now) {
    if (!queue.groups) {
        return;
    }
    const GroupSettings& after = queue.settings.groups;
    for (auto& [id, group] : queue.groups->states) {
        if (!group.limits.rate && before.rate != after.rate) {
            group.facts.bucket.change(before.rate, after.rate, now);
        }
        if (after.max_messages == 0) {
            group.facts.messages = group.facts.delayed = 0;
        }
        group.facts.retrying = after.order == GroupOrder::strict ? group.facts.retrying : 0;
        touch_group(*queue.groups, group);
        look_at_group(state, queue, group, now);
    }
    queue.groups->ring.wake_all();
}

void penalise_group(State& state, Queue& queue, const GroupPtr& id, DurationMs penalty_ms, TimeMs now, Round& round) {
    Groups& groups = groups_of(queue);
    GroupState& group = state_of(groups, id);
    TimeMs& until = group.facts.penalty_until;
    until = penalty_ms == 0 ? 0 : std::max(until, now + penalty_ms);
    look_at_group(state, queue, group, penalty_ms == 0 ? now : until);
    touch_group(groups, group);
    groups.ring.wake(id->id);
    state.touch(queue, round);
    state.pump_later(queue);
}

}  // namespace baton::core
