// Groups shown and set: what one of them has instead of its queue's rules, whether it exists yet or not.
#include "server/core/groups.hpp"
#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace baton::core {

namespace {

std::optional<Refusal> check_group_name(const std::string& name, const char* field) {
    if (name.empty() || name.size() > limits::group_bytes_max) {
        return invalid(field, "the name of a group has 1 to 255 bytes", limits::group_bytes_max);
    }
    return std::nullopt;
}

std::optional<Refusal> check(const Queue& queue, const SetGroup& set) {
    if (auto fault = check_group_name(set.group, "set_group.group")) {
        return fault;
    }
    if (set.rate) {
        if (auto fault = check_rate(*set.rate, "set_group.rate")) {
            return fault;
        }
    }
    if (set.max_messages && queue.settings.groups.max_messages == 0) {
        return invalid("set_group.max_messages",
                       "only in a queue with group_max_messages are messages of groups counted");
    }
    if (set.paused_until && (*set.paused_until < 0 || *set.paused_until > limits::time_ms_max)) {
        return invalid("set_group.paused_until_ms", "paused_until_ms is a time in milliseconds since 1970",
                       static_cast<std::uint64_t>(limits::time_ms_max));
    }
    if (set.pause_for_ms && (*set.pause_for_ms < 0 || *set.pause_for_ms > limits::ten_years_ms)) {
        return invalid("set_group.pause_for_ms", "pause_for_ms is at most ten years",
                       static_cast<std::uint64_t>(limits::ten_years_ms));
    }
    const bool full = queue.groups && queue.groups->states.size() >= limits::groups_with_limits_max &&
                      !queue.groups->states.contains(group_id_of(set.group));
    if (full) {
        return Refusal{RefusalCode::too_many_groups, "too many groups of this queue have settings or work in flight",
                       "set_group.group", limits::groups_with_limits_max};
    }
    return std::nullopt;
}

GroupInfo info_of(const Queue& queue, const GroupPtr& group, TimeMs now) {
    GroupInfo info;
    info.name = group->name;
    const GroupState* known = nullptr;
    if (queue.groups) {
        const auto found = queue.groups->states.find(group->id);
        known = found == queue.groups->states.end() ? nullptr : &found->second;
    }
    if (queue.settings.groups.max_messages != 0) {
        info.messages = known == nullptr ? 0 : known->facts.messages;
    }
    if (known != nullptr) {
        info.in_flight = known->in_flight;
        info.retrying = known->facts.retrying;
        info.limits = known->limits;
        const Allowance allowed = allowance_of_group(queue, group->id, now);
        info.hold = allowed.hold;
        info.held_until = allowed.until;
    }
    return info;
}

void set_group(State& state, Queue& queue, const Request& request, TimeMs now, Round& round) {
    const SetGroup& set = std::get<SetGroup>(request.body);
    Groups& groups = groups_of(queue);
    GroupState& group = state_of(groups, make_group(set.group));
    const RateLimit before = rate_of(queue, &group);
    GroupLimits& limits = group.limits;
    limits = set.reset ? GroupLimits{} : limits;
    limits.rate = set.rate ? set.rate : limits.rate;
    limits.max_in_flight = set.max_in_flight ? set.max_in_flight : limits.max_in_flight;
    limits.max_messages = set.max_messages ? set.max_messages : limits.max_messages;
    limits.paused = set.paused.value_or(limits.paused);
    limits.paused_until = set.paused_until.value_or(limits.paused_until);
    if (set.pause_for_ms) {
        limits.paused_until = now + *set.pause_for_ms;
    }
    const RateLimit after = rate_of(queue, &group);
    if (before != after) {
        group.facts.bucket.change(before, after, now);
    }
    const GroupPtr name = group.group;
    groups.ring.wake(name->id);
    touch_group(groups, group);
    look_at_group(state, queue, group, now);
    state.touch(queue, round);
    round.needs_sync = true;
    state.pump_later(queue);
    reply(request, std::make_shared<const GroupInfo>(info_of(queue, name, now)), round);
}

void read_shown(State& state, Queue& queue, Request&& request, GroupsWanted&& wanted, Round& round) {
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{queue.id, AnswerGroups{std::move(request)}});
    round.reads.push_back({ticket, ReadGroups{queue.ns, queue.id, queue.lane_generation, std::move(wanted),
                                              limits::lane_window_bytes_max, limits::group_count_max}});
}

void count_in(GroupInfo& info, const Queue& queue, const GroupsRead::Heads& found) {
    // What is leased is on disk with the rest.
    const std::uint64_t leased = queue.groups ? info.in_flight : 0;
    info.waiting = found.counted - std::min<std::uint64_t>(found.counted, leased);
    info.waiting_more = !found.at_end;
}

/// The groups behind `after` that something is kept of, up to `to` where that is given.
void add_known(const Queue& queue, std::optional<GroupId> after, std::optional<GroupId> to,
               std::map<GroupId, GroupInfo>& shown, TimeMs now) {
    if (!queue.groups) {
        return;
    }
    const auto& states = queue.groups->states;
    for (auto at = after ? states.upper_bound(*after) : states.begin(); at != states.end(); ++at) {
        if (to && *to < at->first) {
            return;
        }
        if (shown.size() > limits::page_messages_max) {
            return;
        }
        shown.try_emplace(at->first, info_of(queue, at->second.group, now));
    }
}

void answer_list(const Queue& queue, const Request& request, GroupsRead&& found, TimeMs now, Round& round) {
    const ListGroups& list = std::get<ListGroups>(request.body);
    std::map<GroupId, GroupInfo> shown;
    std::optional<GroupId> last;
    for (const GroupsRead::Heads& one : found.groups) {
        GroupInfo info = info_of(queue, one.records.front().meta->group, now);
        count_in(info, queue, one);
        shown.emplace(one.id, std::move(info));
        last = one.id;
    }
    add_known(queue, list.after, found.at_end ? std::nullopt : last, shown, now);
    GroupList out;
    for (auto& [id, info] : shown) {
        if (out.groups.size() == list.limit) {
            break;
        }
        out.groups.push_back(std::move(info));
        out.next = id;
    }
    if (found.at_end && shown.size() <= list.limit) {
        out.next.reset();
    }
    reply(request, std::move(out), round);
}

}  // namespace

void answer_groups(Queue& queue, Request&& origin, GroupsRead&& found, TimeMs now, Round& round) {
    if (std::holds_alternative<ListGroups>(origin.body)) {
        answer_list(queue, origin, std::move(found), now, round);
        return;
    }
    GroupInfo info = info_of(queue, make_group(std::get<ShowGroup>(origin.body).group), now);
    if (!found.groups.empty()) {
        count_in(info, queue, found.groups.front());
    }
    reply(origin, std::make_shared<const GroupInfo>(std::move(info)), round);
}

void apply_group_request(State& state, Request&& request, TimeMs now, Round& round) {
    const auto* set = std::get_if<SetGroup>(&request.body);
    const auto* show = std::get_if<ShowGroup>(&request.body);
    const auto* list = std::get_if<ListGroups>(&request.body);
    const std::string name = set != nullptr ? set->queue : show != nullptr ? show->queue : list->queue;
    Queue* queue = state.find(request.ns, name);
    if (queue == nullptr) {
        reply(request, no_such_queue(name), round);
        return;
    }
    if (set != nullptr) {
        if (auto fault = check(*queue, *set)) {
            reply(request, std::move(*fault), round);
        } else {
            set_group(state, *queue, request, now, round);
        }
        return;
    }
    GroupsWanted wanted;
    wanted.max_records = 1;
    if (show != nullptr) {
        if (auto fault = check_group_name(show->group, "show_group.group")) {
            reply(request, std::move(*fault), round);
            return;
        }
        wanted.from.push_back({INT64_MIN, 0, INT64_MIN, group_id_of(show->group)});
    } else {
        auto& page = std::get<ListGroups>(request.body);
        page.limit = std::clamp<std::uint32_t>(page.limit == 0 ? 100 : page.limit, 1, limits::page_messages_max);
        wanted.after = page.after;
        wanted.max_groups = page.limit;
    }
    read_shown(state, *queue, std::move(request), std::move(wanted), round);
}

}  // namespace baton::core
