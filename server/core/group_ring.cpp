#include "server/core/group_ring.hpp"

#include "server/core/limits.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace baton::core {

namespace {

Place place_in(const LaneKey& key) { return {key.rank, key.at, key.offset}; }

}  // namespace

bool GroupRing::covers(const GroupId& group) const {
    return (!low_ || *low_ < group) && (to_end_ || (high_ && group <= *high_));
}

std::size_t GroupRing::quota() const {
    return std::clamp<std::size_t>(limits::group_records_in_memory / (groups_.size() + 1), 2, 64);
}

void GroupRing::add(Heads& heads, const Place& place, MessageRecord&& record) {
    if (groups_.size() >= limits::records_with_others_max) {
        record.body = record.body.apart();
    }
    const std::size_t bytes = record.body.size_of(0);
    if (heads.records.emplace(place, std::move(record)).second) {
        heads.bytes += bytes;
        bytes_ += bytes;
    }
}

void GroupRing::drop(Groups::iterator group) {
    bytes_ -= group->second.bytes;
    ready_.erase(group->first);
    dry_.erase(group->first);
    groups_.erase(group);
}

void GroupRing::check(Groups::iterator group) {
    const Heads& heads = group->second;
    if (heads.records.empty() && heads.complete) {
        drop(group);
        return;
    }
    if (!heads.complete && !heads.loading && heads.records.size() <= 1) {
        dry_.insert(group->first);
    }
}

void GroupRing::shrink(Heads& heads, std::size_t most) {
    while (heads.records.size() > most) {
        const auto last = std::prev(heads.records.end());
        const std::size_t bytes = last->second.body.size_of(0);
        heads.bytes -= bytes;
        bytes_ -= bytes;
        heads.records.erase(last);
        heads.loaded_to = std::prev(heads.records.end())->first;
        heads.complete = false;
        heads.loading = false;  // What is being read would leave a gap.
    }
}

void GroupRing::evict() {
    while (groups_.size() > limits::groups_in_memory_max ||
           (bytes_ > limits::lane_window_bytes_max && groups_.size() > 1)) {
        const bool behind = groups_.begin()->first <= turn_;
        const auto victim = behind ? groups_.begin() : std::prev(groups_.end());
        const GroupId group = victim->first;
        if (ready_.contains(group) || victim->second.records.empty()) {
            ends_met_ = 0;
        }
        if (covers(group) && behind) {
            low_ = group;
        } else if (covers(group)) {
            to_end_ = false;
            high_ = std::prev(victim)->first;
            range_stale_ = range_read_;
        }
        drop(victim);
    }
}

void GroupRing::look_at(const GroupId& group) {
    if (!asleep()) {
        ends_met_ = 0;  // The window comes by.
        return;
    }
    want(group);
    ready_.insert(group);
}

void GroupRing::insert(MessageRecord&& record) {
    const LaneKey key = key_of(Lane::grouped, record);
    removed(key);
    auto group = groups_.find(key.group);
    if (group == groups_.end() && !covers(key.group)) {
        if (range_read_) {
            written_.insert_or_assign(key, std::move(record));
        }
        look_at(key.group);
        return;
    }
    if (group == groups_.end()) {
        group = groups_.emplace(key.group, Heads{}).first;
    }
    Heads& heads = group->second;
    const Place place = place_in(key);
    if (heads.complete || place <= heads.loaded_to) {
        add(heads, place, std::move(record));
        ready_.insert(key.group);
        shrink(heads, bytes_ > limits::lane_window_bytes_max ? 1 : quota());
        check(group);
        evict();
    } else if (heads.loading) {
        written_.insert_or_assign(key, std::move(record));
    }
}

void GroupRing::removed(const LaneKey& key) {
    out_.erase(key.offset);
    if (reading_ != 0) {
        touched_.insert(key.offset);
        written_.erase(key);
    }
    const auto group = groups_.find(key.group);
    if (group == groups_.end()) {
        return;
    }
    Heads& heads = group->second;
    if (const auto known = heads.records.find(place_in(key)); known != heads.records.end()) {
        const std::size_t bytes = known->second.body.size_of(0);
        heads.bytes -= bytes;
        bytes_ -= bytes;
        heads.records.erase(known);
        check(group);
    }
}

const GroupId* GroupRing::next() const {
    auto next = ready_.upper_bound(turn_);
    if (next == ready_.end() && (whole() || asleep())) {
        next = ready_.begin();
    }
    return next == ready_.end() ? nullptr : &*next;
}

MessageRecord GroupRing::take(const GroupId& group) {
    const auto from = groups_.find(group);
    Heads& heads = from->second;
    auto node = heads.records.extract(heads.records.begin());
    const std::size_t bytes = node.mapped().body.size_of(0);
    heads.bytes -= bytes;
    bytes_ -= bytes;
    out_.insert(node.mapped().offset);
    check(from);
    return std::move(node.mapped());
}

void GroupRing::turn_taken(const GroupId& group) {
    turn_ = group;
    turns_ += 1;
    ends_met_ = asleep() ? ends_met_ : 0;
}

void GroupRing::wake(const GroupId& group) {
    const auto found = groups_.find(group);
    if (found == groups_.end()) {
        if (!covers(group)) {
            look_at(group);
        }
    } else {
        ready_.insert(group);
    }
}

void GroupRing::wake_all() {
    ends_met_ = 0;
    for (const auto& [group, heads] : groups_) {
        ready_.insert(group);
    }
}

std::optional<MessageRecord> GroupRing::take_offset(Offset offset) {
    for (auto group = groups_.begin(); group != groups_.end(); ++group) {
        for (auto& [place, record] : group->second.records) {
            if (record.offset == offset) {
                MessageRecord found = record;
                removed(key_of(Lane::grouped, found));
                out_.insert(offset);
                return found;
            }
        }
    }
    return std::nullopt;
}

const MessageRecord* GroupRing::first_waiting(const GroupId& group) const {
    const auto found = groups_.find(group);
    return found == groups_.end() || found->second.records.empty() ? nullptr : &found->second.records.begin()->second;
}

const MessageRecord* GroupRing::last_waiting(const GroupId& group) const {
    const auto found = groups_.find(group);
    const bool known = found != groups_.end() && found->second.complete && !found->second.records.empty();
    return known ? &found->second.records.rbegin()->second : nullptr;
}

void GroupRing::want(const GroupId& group) {
    const auto known = groups_.find(group);
    if (known != groups_.end()) {
        check(known);
    } else if (!covers(group)) {
        Heads heads;
        heads.complete = false;
        heads.loaded_to = first_place;
        groups_.emplace(group, std::move(heads));
        dry_.insert(group);
    }
}

const MessageRecord* GroupRing::first_waiting() const {
    const auto has = [](const auto& group) { return !group.second.records.empty(); };
    auto found = std::find_if(groups_.upper_bound(turn_), groups_.end(), has);
    found = found != groups_.end() ? found : std::find_if(groups_.begin(), groups_.end(), has);
    return found == groups_.end() ? nullptr : &found->second.records.begin()->second;
}

TimeMs GroupRing::oldest_ready() const {
    TimeMs oldest = INT64_MAX;
    for (const auto& [group, heads] : groups_) {
        if (!heads.records.empty()) {
            oldest = std::min(oldest, heads.records.begin()->second.ready_at);
        }
    }
    return oldest;
}

void GroupRing::clear() { *this = GroupRing(reads_); }

}  // namespace baton::core
