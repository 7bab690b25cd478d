// How the ring of groups fills: the window moves on along it, and groups that run out of messages are read on.
#include "server/core/group_ring.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

constexpr std::uint32_t range_groups = 1'024, named_groups = 512;

Place place_of_key(const LaneKey& key) { return {key.rank, key.at, key.offset}; }

}  // namespace

void GroupRing::start_over() {
    const bool unseen = !ready_.empty();
    ends_met_ = unseen ? 0 : ends_met_ + 1;
    if (asleep()) {
        return;
    }
    while (!groups_.empty()) {
        drop(groups_.begin());
    }
    turn_ = {};
    low_.reset();
    high_.reset();
    to_end_ = false;
}

std::optional<GroupsWanted> GroupRing::begin_read(ReadGoal goal) {
    if (reading_ != 0) {
        return std::nullopt;
    }
    const bool stuck = goal == ReadGoal::turn;
    if (stuck && !whole() && to_end_ && !asleep()) {
        start_over();
    }
    GroupsWanted wanted;
    wanted.max_records = static_cast<std::uint32_t>(std::max<std::size_t>(2, quota()));
    const bool range =
        goal != ReadGoal::named && !whole() && !to_end_ && !asleep() && (stuck || turns_ * 2 >= brought_);
    if (range) {
        wanted.after = high_ ? high_ : low_;
        wanted.max_groups = range_groups;
        range_read_ = true;
        range_stale_ = false;
    } else {
        const auto name = [&](std::set<GroupId>::iterator from, std::set<GroupId>::iterator to) {
            for (; from != to && wanted.from.size() < named_groups; from = dry_.erase(from)) {
                Heads& heads = groups_.at(*from);
                heads.loading = true;
                asked_.push_back(*from);
                wanted.from.push_back(
                    LaneKey{heads.loaded_to.ready_at, heads.loaded_to.offset + 1, heads.loaded_to.rank, *from});
            }
        };
        name(dry_.upper_bound(turn_), dry_.end());
        name(dry_.begin(), dry_.end());
        if (wanted.from.empty()) {
            return std::nullopt;
        }
    }
    wanted.read = reading_ = ++reads_;
    return wanted;
}

void GroupRing::take_heads(Heads& heads, GroupsRead::Heads&& found) {
    for (MessageRecord& record : found.records) {
        const Place place = place_of_key(key_of(Lane::grouped, record));
        heads.loaded_to = std::max(heads.loaded_to, place);
        if (!out_.contains(record.offset) && !touched_.contains(record.offset)) {
            add(heads, place, std::move(record));
        }
    }
    heads.complete = found.at_end;
    heads.loading = false;
}

void GroupRing::take_range(GroupsRead&& found) {
    brought_ = found.groups.size();
    turns_ = 0;
    for (GroupsRead::Heads& one : found.groups) {
        high_ = one.id;
        const auto [group, fresh] = groups_.try_emplace(one.id);
        if (!fresh) {
            continue;  // Woken by itself: its window is right.
        }
        group->second.loaded_to = first_place;
        take_heads(group->second, std::move(one));
        asked_.push_back(group->first);
    }
    to_end_ = found.at_end;
}

void GroupRing::take_named(GroupsRead&& found) {
    for (GroupsRead::Heads& one : found.groups) {
        const auto group = groups_.find(one.id);
        if (group != groups_.end() && group->second.loading) {
            take_heads(group->second, std::move(one));
        }
    }
}

bool GroupRing::loaded(std::uint64_t read, GroupsRead&& found) {
    if (read != reading_) {
        return false;
    }
    reading_ = 0;
    if (!range_read_) {
        take_named(std::move(found));
    } else if (!range_stale_) {
        take_range(std::move(found));
    }
    range_read_ = false;
    take_written();
    touched_.clear();
    for (const GroupId& id : std::exchange(asked_, {})) {
        const auto group = groups_.find(id);
        if (group == groups_.end()) {
            continue;
        }
        group->second.loading = false;
        ready_.insert(id);
        check(group);
    }
    evict();
    return true;
}

void GroupRing::take_written() {
    for (auto& [key, record] : std::exchange(written_, {})) {
        auto group = groups_.find(key.group);
        if (group == groups_.end() && !covers(key.group)) {
            continue;
        }
        if (group == groups_.end()) {
            group = groups_.emplace(key.group, Heads{}).first;
        }
        Heads& heads = group->second;
        const Place place = place_of_key(key);
        if (!out_.contains(key.offset) && (heads.complete || place <= heads.loaded_to)) {
            add(heads, place, MessageRecord(record));
            ready_.insert(key.group);
        }
        check(group);
    }
}

}  // namespace baton::core
