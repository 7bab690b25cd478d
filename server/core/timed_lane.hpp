#pragma once
// The timed lane of one queue: messages that wait for a time (first delay, retry, delayed release), and those that came
// back with their body. On disk they are ordered by due time; in memory is a window of the earliest, and those that are
// due, in order of their place.
//
// Becoming due writes nothing, unless the message has a priority: then it moves to the prioritized lane.

#include "server/core/lane_window.hpp"
#include "server/core/message_record.hpp"
#include "server/core/place.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>

namespace baton::core {

class TimedLane {
public:
    LaneWindow& window() { return window_; }
    const LaneWindow& window() const { return window_; }

    /// A record that is on disk and ready at once, whatever its due time (released, or retried).
    void insert_ready(const Place& place, MessageRecord&& record);
    /// What is due by `held_to` may have been delivered before a restart: it is held until `until`, then counts as
    /// delivered. What is ranked was delivered from elsewhere.
    void hold(TimeMs held_to, TimeMs until, bool ranked_by_group);
    /// True while some record is held, or may be.
    bool holds(TimeMs now) const;
    TimeMs held_until() const { return hold_until_; }
    /// True while this record is held for the token that may have been given before the restart.
    bool is_held(const MessageRecord& record, TimeMs now) const {
        return now < hold_until_ && record.at <= held_to_ && !is_ranked(record.meta, by_group_);
    }
    /// Takes the first record that is due at `now`, unless as many are ready as memory may hold. It stays on disk.
    std::optional<MessageRecord> take_due(TimeMs now);
    /// Counts the delivery that a restart presumes, where one may have been.
    void presume_delivered(MessageRecord& record) const;

    /// True when the disk has records and none is in memory: what is due first is not known before a load.
    bool head_unknown() const { return !window_.complete() && window_.records().empty() && ready_.empty(); }
    bool has_ready() const { return !ready_.empty(); }
    Place ready_head() const { return ready_.begin()->first; }
    std::size_t ready_count() const { return ready_.size(); }
    const std::map<Place, MessageRecord>& ready() const { return ready_; }
    /// Takes the first ready record; it stays on disk, and counts as out until it is removed or comes back.
    MessageRecord take_ready();
    /// One ready record by offset, or null.
    const MessageRecord* find_ready(Offset offset) const;
    /// Takes one ready record by offset, if it is there.
    std::optional<MessageRecord> take_ready(Offset offset);
    /// Takes a record due by `held_to` that is not ready yet, by offset, if it is there and can have had but one
    /// holder.
    std::optional<MessageRecord> take_held(Offset offset, TimeMs held_to);

    /// When take_due() has something next, if ever.
    std::optional<TimeMs> next_due() const;
    /// Everything on disk is gone or of an older generation.
    void clear();

private:
    LaneWindow window_{Lane::timed};
    std::map<Place, MessageRecord> ready_;
    /// Lookups only: its order never reaches an output.
    std::unordered_map<Offset, Place> places_;
    TimeMs held_to_ = INT64_MIN;
    TimeMs hold_until_ = INT64_MIN;
    bool by_group_ = true;
};

}  // namespace baton::core
