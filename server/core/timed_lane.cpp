#include "server/core/timed_lane.hpp"

#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/require.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace baton::core {

void TimedLane::insert(MessageRecord&& record) {
    const LaneKey key{record.at, record.offset};
    removed(record.offset);
    if (complete_ || key <= loaded_to_) {
        window_.emplace(key, std::move(record));
        evict();
    } else if (loading_) {
        while_loading_.emplace(key, std::move(record));
    }
}

void TimedLane::removed(Offset offset) {
    out_.erase(offset);
    if (loading_) {
        touched_while_loading_.insert(offset);
    }
}

void TimedLane::insert_ready(MessageRecord&& record) {
    out_.insert(record.offset);
    const Place place{record.ready_at, record.offset};
    ready_.emplace(place, std::move(record));
}

void TimedLane::promote(TimeMs now) {
    if (planted(PlantedBug::timer_early)) {
        ++now;
    }
    auto record = now < hold_until_ ? window_.upper_bound({held_to_, UINT64_MAX}) : window_.begin();
    while (record != window_.end() && record->first.at <= now && ready_.size() < limits::lane_window_messages_max) {
        auto node = window_.extract(record++);
        if (node.key().at <= held_to_) {
            auto meta = node.mapped().meta ? std::make_shared<MessageMeta>(*node.mapped().meta)
                                           : std::make_shared<MessageMeta>();
            meta->counters.deliveries += 1;
            meta->cause = Cause::restart;
            node.mapped().meta = std::move(meta);
        }
        insert_ready(std::move(node.mapped()));
    }
}

void TimedLane::hold(TimeMs held_to, TimeMs until) {
    held_to_ = held_to;
    hold_until_ = until;
}

bool TimedLane::holds(TimeMs now) const {
    return now < hold_until_ && (head_unknown() || (!window_.empty() && window_.begin()->first.at <= held_to_));
}

std::optional<MessageRecord> TimedLane::take_held(Offset offset, TimeMs held_to) {
    for (auto record = window_.begin(); record != window_.end() && record->first.at <= held_to; ++record) {
        // One that was given back before may have had several holders, and its record does not say which was the last.
        const bool one_holder = !record->second.meta || record->second.meta->counters.deliveries == 0;
        if (record->first.offset == offset && one_holder) {
            MessageRecord taken = std::move(record->second);
            window_.erase(record);
            return taken;
        }
    }
    return std::nullopt;
}

MessageRecord TimedLane::take_ready() {
    auto node = ready_.extract(ready_.begin());
    return std::move(node.mapped());
}

std::optional<MessageRecord> TimedLane::take_ready(Offset offset) {
    for (auto record = ready_.begin(); record != ready_.end(); ++record) {
        if (record->second.offset == offset) {
            MessageRecord taken = std::move(record->second);
            ready_.erase(record);
            return taken;
        }
    }
    return std::nullopt;
}

std::optional<TimeMs> TimedLane::next_due() const {
    if (window_.empty() || ready_.size() >= limits::lane_window_messages_max) {
        return std::nullopt;
    }
    if (window_.begin()->first.at > held_to_) {
        return window_.begin()->first.at;
    }
    const auto free = window_.upper_bound({held_to_, UINT64_MAX});
    const TimeMs held = std::max(window_.begin()->first.at, hold_until_);
    return free == window_.end() ? held : std::min(held, free->first.at);
}

LaneKey TimedLane::begin_load() {
    loading_ = true;
    if (loaded_to_.at == INT64_MIN) {
        return LaneKey{0, 0};
    }
    return LaneKey{loaded_to_.at, loaded_to_.offset + 1};
}

void TimedLane::loaded(std::vector<MessageRecord>&& records, bool at_end) {
    if (!loading_) {
        return;  // The lane was cleared meanwhile.
    }
    loading_ = false;
    for (MessageRecord& record : records) {
        const LaneKey key{record.at, record.offset};
        loaded_to_ = std::max(loaded_to_, key);
        if (!out_.contains(record.offset) && !touched_while_loading_.contains(record.offset)) {
            window_.emplace(key, std::move(record));
        }
    }
    touched_while_loading_.clear();
    complete_ = at_end;
    auto written = std::exchange(while_loading_, {});
    for (auto& [key, record] : written) {
        if (!out_.contains(key.offset) && (complete_ || key <= loaded_to_)) {
            window_.emplace(key, std::move(record));
        }
    }
    evict();
}

void TimedLane::evict() {
    while (window_.size() > limits::lane_window_messages_max) {
        window_.erase(std::prev(window_.end()));
        loaded_to_ = std::prev(window_.end())->first;
        complete_ = false;
    }
}

void TimedLane::clear() {
    window_.clear();
    ready_.clear();
    out_.clear();
    while_loading_.clear();
    touched_while_loading_.clear();
    loading_ = false;
    complete_ = true;
    loaded_to_ = LaneKey{INT64_MIN, 0};
}

}  // namespace baton::core
