#include "server/core/lane_window.hpp"

#include "server/core/limits.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

void LaneWindow::add(const LaneKey& key, MessageRecord&& record) {
    if (records_.size() >= limits::records_with_others_max) {
        record.body = record.body.apart();
    }
    const std::size_t bytes = record.body.size_of(0);
    if (records_.emplace(key, std::move(record)).second) {
        bytes_ += bytes;
    }
}

void LaneWindow::insert(MessageRecord&& record) {
    const LaneKey key = key_of(lane_, record);
    removed(key);
    if (complete_ || (loaded_to_ && key <= *loaded_to_)) {
        add(key, std::move(record));
        evict();
    } else if (loading_) {
        while_loading_.insert_or_assign(key, std::move(record));
    }
}

MessageRecord LaneWindow::take(std::map<LaneKey, MessageRecord>::iterator at) {
    auto node = records_.extract(at);
    bytes_ -= node.mapped().body.size_of(0);
    out_.insert(node.key().offset);
    return std::move(node.mapped());
}

void LaneWindow::removed(const LaneKey& key) {
    out_.erase(key.offset);
    if (const auto known = records_.find(key); known != records_.end()) {
        bytes_ -= known->second.body.size_of(0);
        records_.erase(known);
    }
    if (loading_) {
        touched_while_loading_.insert(key.offset);
        while_loading_.erase(key);
    }
}

bool LaneWindow::wants_load() const {
    return !complete_ && !loading_ && records_.size() < low_water && bytes_ < limits::lane_window_bytes_max / 2;
}

LaneKey LaneWindow::begin_load() {
    loading_ = true;
    load_is_stale_ = false;
    if (!loaded_to_) {
        return LaneKey{INT64_MIN, 0, INT64_MIN};
    }
    return LaneKey{loaded_to_->at, loaded_to_->offset + 1, loaded_to_->rank};
}

void LaneWindow::loaded(std::vector<MessageRecord>&& records, bool at_end) {
    if (!loading_) {
        return;  // The lane was cleared meanwhile.
    }
    loading_ = false;
    if (load_is_stale_) {
        touched_while_loading_.clear();
        while_loading_.clear();
        return;
    }
    for (MessageRecord& record : records) {
        const LaneKey key = key_of(lane_, record);
        loaded_to_ = loaded_to_ ? std::max(*loaded_to_, key) : key;
        if (!out_.contains(record.offset) && !touched_while_loading_.contains(record.offset)) {
            add(key, std::move(record));
        }
    }
    touched_while_loading_.clear();
    complete_ = at_end;
    auto written = std::exchange(while_loading_, {});
    for (auto& [key, record] : written) {
        if (!out_.contains(key.offset) && (complete_ || (loaded_to_ && key <= *loaded_to_))) {
            add(key, std::move(record));
        }
    }
    evict();
}

void LaneWindow::evict() {
    while (records_.size() > limits::lane_window_messages_max ||
           (bytes_ > limits::lane_window_bytes_max && records_.size() > 1)) {
        const auto last = std::prev(records_.end());
        bytes_ -= last->second.body.size_of(0);
        records_.erase(last);
        loaded_to_ = std::prev(records_.end())->first;
        complete_ = false;
        load_is_stale_ = loading_;
    }
}

void LaneWindow::clear() {
    records_.clear();
    bytes_ = 0;
    out_.clear();
    while_loading_.clear();
    touched_while_loading_.clear();
    loading_ = false;
    complete_ = true;
    loaded_to_.reset();
}

}  // namespace baton::core
