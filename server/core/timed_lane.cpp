#include "server/core/timed_lane.hpp"

#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace baton::core {

void TimedLane::insert_ready(const Place& place, MessageRecord&& record) {
    window_.mark_out(record.offset);
    places_.insert_or_assign(record.offset, place);
    ready_.emplace(place, std::move(record));
}

void TimedLane::presume_delivered(MessageRecord& record) const {
    if (record.at > held_to_ || is_ranked(record.meta, by_group_)) {
        return;
    }
    auto meta = record.meta ? std::make_shared<MessageMeta>(*record.meta) : std::make_shared<MessageMeta>();
    meta->counters.deliveries += 1;
    meta->cause = Cause::restart;
    record.meta = std::move(meta);
}

std::optional<MessageRecord> TimedLane::take_due(TimeMs now) {
    if (planted(PlantedBug::timer_early)) {
        ++now;
    }
    auto& records = window_.records();
    const auto first = now < hold_until_ ? records.upper_bound({held_to_, UINT64_MAX}) : records.begin();
    if (first == records.end() || first->first.at > now || ready_.size() >= limits::lane_window_messages_max) {
        return std::nullopt;
    }
    MessageRecord record = window_.take(first);
    presume_delivered(record);
    return record;
}

void TimedLane::hold(TimeMs held_to, TimeMs until, bool ranked_by_group) {
    by_group_ = ranked_by_group;
    held_to_ = held_to;
    hold_until_ = until;
}

bool TimedLane::holds(TimeMs now) const {
    return now < hold_until_ &&
           (head_unknown() || (!window_.records().empty() && window_.records().begin()->first.at <= held_to_));
}

std::optional<MessageRecord> TimedLane::take_held(Offset offset, TimeMs held_to) {
    auto& records = window_.records();
    for (auto record = records.begin(); record != records.end() && record->first.at <= held_to; ++record) {
        // One that was given back before may have had several holders, and its record does not say which was the last.
        // One with a priority was never delivered from this lane.
        const MetaPtr& meta = record->second.meta;
        const bool one_holder = !meta || (meta->counters.deliveries == 0 && !is_ranked(meta, by_group_));
        if (record->first.offset == offset && one_holder) {
            return window_.take(record);
        }
    }
    return std::nullopt;
}

MessageRecord TimedLane::take_ready() {
    auto node = ready_.extract(ready_.begin());
    places_.erase(node.mapped().offset);
    return std::move(node.mapped());
}

const MessageRecord* TimedLane::find_ready(Offset offset) const {
    const auto place = places_.find(offset);
    return place == places_.end() ? nullptr : &ready_.at(place->second);
}

std::optional<MessageRecord> TimedLane::take_ready(Offset offset) {
    const auto place = places_.find(offset);
    if (place == places_.end()) {
        return std::nullopt;
    }
    MessageRecord taken = std::move(ready_.extract(place->second).mapped());
    places_.erase(place);
    return taken;
}

std::optional<TimeMs> TimedLane::next_due() const {
    const auto& records = window_.records();
    if (records.empty() || ready_.size() >= limits::lane_window_messages_max) {
        return std::nullopt;
    }
    if (records.begin()->first.at > held_to_) {
        return records.begin()->first.at;
    }
    const auto free = records.upper_bound({held_to_, UINT64_MAX});
    const TimeMs held = std::max(records.begin()->first.at, hold_until_);
    return free == records.end() ? held : std::min(held, free->first.at);
}

void TimedLane::clear() {
    window_.clear();
    ready_.clear();
    places_.clear();
}

}  // namespace baton::core
