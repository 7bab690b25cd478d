#include "server/core/group_overflow.hpp"

#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/names.hpp"
#include "server/core/outcome.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/produce_plan.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <map>

namespace baton::core {

namespace {

constexpr std::uint32_t group_tail_records = 64;

const GroupState* known_group(const Queue& queue, const GroupId& group) {
    if (!queue.groups) {
        return nullptr;
    }
    const auto found = queue.groups->states.find(group);
    return found == queue.groups->states.end() ? nullptr : &found->second;
}

/// What waits or is delayed of the group.
std::uint64_t queued_in(const Queue& queue, const GroupId& group) {
    const GroupState* known = known_group(queue, group);
    return known == nullptr ? 0
                            : known->facts.messages - std::min<std::uint64_t>(known->facts.messages, known->in_flight);
}

std::uint64_t delayed_in(const Queue& queue, const GroupId& group) {
    const GroupState* known = known_group(queue, group);
    return known == nullptr ? 0 : known->facts.delayed;
}

/// 0 = no limit.
std::uint64_t most_in(const Queue& queue, const GroupId& group) {
    const std::uint64_t most = most_messages(queue, known_group(queue, group));
    return most == 0 ? 0 : most + (planted(PlantedBug::group_limit_off_by_one) ? 1 : 0);
}

/// Delayed messages are not dropped: nothing is lost for a produce that they leave no room for.
bool may_drop(const Queue& queue, const GroupId& group, std::uint64_t more) {
    return queue.settings.groups.overflow != GroupOverflow::reject &&
           delayed_in(queue, group) + more <= most_in(queue, group);
}

/// The entries that go into each group, by index.
std::map<GroupId, std::vector<std::uint32_t>> joining(const Produce& produce, const RefusedItems& refused,
                                                      const ProducePlan& plan) {
    std::map<GroupId, std::vector<std::uint32_t>> groups;
    std::size_t next = 0, skip = 0;
    for (std::uint32_t i = 0; i < produce.entries.count; ++i) {
        if (skip < refused.size() && refused[skip].first == i) {
            ++skip;
            continue;
        }
        if (!plan.adds(i)) {
            continue;
        }
        const EntryOptions options = options_of(produce, next, i);
        if (options.group && !options.group->empty()) {
            groups[group_id_of(*options.group)].push_back(i);
        }
    }
    return groups;
}

void read_tail_of(State& state, Queue& queue, const GroupId& group, Request&& request, Round& round) {
    drop_tail(state, queue, Lane::grouped);
    LoadTail then{std::move(request), Lane::grouped, {}, std::exchange(state.brought, {})};
    then.tail.version = queue.job_reads.begin();
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{queue.id, std::move(then)});
    ReadLane read{queue.ns,
                  queue.id,
                  Lane::grouped,
                  queue.lane_generation,
                  INT64_MAX,
                  UINT64_MAX,
                  group_tail_records,
                  limits::commit_bytes_max,
                  INT64_MAX,
                  true,
                  group};
    round.reads.push_back({ticket, read});
}

/// Parks the request until more of the groups is in memory; false when nothing is to be read.
bool park(State& state, Queue& queue, Request& request, ReadGoal goal, Round& round) {
    read_groups(state, queue, goal, round);
    if (!queue.groups->ring.reading()) {
        return false;
    }
    queue.groups->parked.push_back(std::move(request));
    return true;
}

/// The last record of the group that waits, as read from its end.
const MessageRecord* last_read(const State& state, const Queue& queue, const GroupId& group) {
    const LaneTail& tail = state.brought.tail_of(queue.id, Lane::grouped);
    for (const MessageRecord& record : tail.records) {
        if (record.group == group && queue.job_reads.holds(record.offset, tail.version) &&
            !queue.groups->ring.is_out(record.offset)) {
            return &record;
        }
    }
    return nullptr;
}

/// What of one group goes first; nothing when the request was parked to read it, or there is nothing (`empty`).
std::optional<MessageRecord> take_least_of(State& state, Queue& queue, const GroupId& group, Request& request,
                                           bool& empty, Round& round) {
    GroupRing& ring = queue.groups->ring;
    const MessageRecord* least = ring.last_waiting(group);
    if (least == nullptr && state.brought.tail_of(queue.id, Lane::grouped).records.empty()) {
        read_tail_of(state, queue, group, std::move(request), round);
        return std::nullopt;
    }
    least = least != nullptr ? least : last_read(state, queue, group);
    if (least == nullptr || least->meta->priority == 0) {
        least = ring.first_waiting(group);
    }
    if (least == nullptr) {
        ring.want(group);
        empty = !park(state, queue, request, ReadGoal::named, round);
        return std::nullopt;
    }
    MessageRecord record = *least;
    queue.lane_fences.erase(record.offset);
    remove_lane_record(queue, record, round);
    state.touch(queue, round);
    return record;
}

void drop(State& state, Queue& queue, MessageRecord&& record, TimeMs now, Round& round) {
    if (queue.settings.groups.overflow == GroupOverflow::dead_letter_oldest) {
        move_out(state, queue, std::move(record), EndReason::overflow, now, round);
    } else {
        if (queue.watched()) {
            ended(state, queue, {JobOutcome::dropped, record.offset, 1, "overflow", nullptr, record.meta}, round);
        }
        queue.live_bytes -= record.body.size_of(0);
        queue.totals.dropped += 1;
        names_ended(state, queue, record.meta, record.offset, NameEnding::finished, now, round);
    }
}

/// Drops of one group until so many more fit.
Room drop_for(State& state, Queue& queue, const GroupId& group, std::uint64_t more, Request& request, TimeMs now,
              Round& round) {
    const std::uint64_t most = most_in(queue, group);
    while (queued_in(queue, group) + more > most) {
        bool empty = false;
        std::optional<MessageRecord> record = take_least_of(state, queue, group, request, empty, round);
        if (!record) {
            return empty ? Room::no : Room::reading;
        }
        drop(state, queue, std::move(*record), now, round);
    }
    return Room::yes;
}

}  // namespace

Refusal group_full(const Queue& queue) {
    return Refusal{RefusalCode::group_full,
                   "the group has as many messages as it may have",
                   "settings.group_max_messages",
                   queue.settings.groups.max_messages,
                   true,
                   1'000};
}

bool groups_refuse(const Queue& queue, const Produce& produce, const PreparedProduce& prepared) {
    if (queue.settings.groups.max_messages == 0) {
        return false;
    }
    const auto groups = joining(produce, prepared.refused, prepared.plan);
    return std::any_of(groups.begin(), groups.end(), [&](const auto& one) {
        const auto& [group, items] = one;
        const std::uint64_t most = most_in(queue, group);
        return most != 0 && queued_in(queue, group) + items.size() > most && !may_drop(queue, group, items.size());
    });
}

Room make_group_room(State& state, Queue& queue, const Produce& produce, Request& request, PreparedProduce& prepared,
                     TimeMs now, Round& round) {
    RefusedItems& refused = prepared.refused;
    RefusedItems over;
    for (const auto& [group, items] : joining(produce, refused, prepared.plan)) {
        const std::uint64_t most = most_in(queue, group), queued = queued_in(queue, group);
        if (most == 0 || queued + items.size() <= most) {
            continue;
        }
        if (may_drop(queue, group, items.size())) {
            const Room room = drop_for(state, queue, group, items.size(), request, now, round);
            if (room == Room::yes) {
                continue;
            }
            if (room == Room::reading) {
                return room;
            }
        }
        if (!produce.per_item) {
            return Room::no;
        }
        const std::uint64_t fits = most - std::min(most, queued_in(queue, group));
        for (std::size_t i = std::min<std::size_t>(fits, items.size()); i < items.size(); ++i) {
            over.emplace_back(items[i], group_full(queue));
        }
    }
    refused.insert(refused.end(), std::make_move_iterator(over.begin()), std::make_move_iterator(over.end()));
    std::sort(refused.begin(), refused.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return Room::yes;
}

bool group_has_room(const Queue& queue, const std::string& group, std::uint64_t more) {
    const GroupId id = group_id_of(group);
    const std::uint64_t most = queue.settings.groups.max_messages == 0 || group.empty() ? 0 : most_in(queue, id);
    return most == 0 || queued_in(queue, id) + more <= most;
}

std::optional<MessageRecord> take_from_groups(State& state, Queue& queue, Request& request, bool& empty, Round& round) {
    const MessageRecord* first = queue.attaching != 0 ? nullptr : queue.groups->ring.first_waiting();
    if (first == nullptr) {
        empty = queue.attaching != 0 || !park(state, queue, request, ReadGoal::turn, round);
        return std::nullopt;
    }
    return take_least_of(state, queue, GroupId(first->group), request, empty, round);
}

}  // namespace baton::core
