#pragma once
// The timed lane of one queue: messages that wait for a time (first delay, retry, delayed release), and those that came
// back with their body. On disk they are ordered by due time; in memory is a window of the earliest, and those that are
// due, in order of their place.
//
// Becoming due writes nothing. The lane never loses sight of a record: whatever is not in the window is behind
// `loaded_to` and is read from disk when the window runs low.

#include "server/core/message_record.hpp"
#include "server/core/place.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace baton::core {

class TimedLane {
public:
    /// A record just written to disk with this due time.
    void insert(MessageRecord&& record);
    /// A record that is on disk and ready at once, whatever its due time (released, or retried).
    void insert_ready(MessageRecord&& record);
    /// What is due by `held_to` may have been delivered before a restart: it is held until `until`, then counts as
    /// delivered.
    void hold(TimeMs held_to, TimeMs until);
    /// True while some record is held, or may be.
    bool holds(TimeMs now) const;
    TimeMs held_until() const { return hold_until_; }
    /// Moves what is due at `now` to the ready ones, up to the bound of the window.
    void promote(TimeMs now);

    /// True when the disk has records and none is in memory: what is due first is not known before a load.
    bool head_unknown() const { return !complete_ && window_.empty() && ready_.empty(); }
    bool has_ready() const { return !ready_.empty(); }
    Place ready_head() const { return ready_.begin()->first; }
    std::size_t ready_count() const { return ready_.size(); }
    const std::map<Place, MessageRecord>& ready() const { return ready_; }
    /// Takes the first ready record; it stays on disk, and counts as out until it is removed or comes back.
    MessageRecord take_ready();
    /// Takes one ready record by offset, if it is there.
    std::optional<MessageRecord> take_ready(Offset offset);
    /// Takes a record due by `held_to` that is not ready yet, by offset, if it is there and can have had but one
    /// holder.
    std::optional<MessageRecord> take_held(Offset offset, TimeMs held_to);
    /// The disk no longer holds this record.
    void removed(Offset offset);
    /// The record is out (leased by a batch restored at start).
    void mark_out(Offset offset) { out_.insert(offset); }
    bool is_out(Offset offset) const { return out_.contains(offset); }

    /// When promote() has work next, if ever.
    std::optional<TimeMs> next_due() const;
    /// True when the window is low and the disk has more.
    bool wants_load() const { return !complete_ && !loading_ && window_.size() < low_water; }
    /// Where to read on from; marks the load as under way.
    LaneKey begin_load();
    /// The read is back. Records that are out, ready or in the window are skipped.
    void loaded(std::vector<MessageRecord>&& records, bool at_end);
    /// At start-up: the disk has `count` records, none is in memory.
    void restore(std::uint64_t count) { complete_ = count == 0; }
    /// Everything on disk is gone or of an older generation.
    void clear();

private:
    static constexpr std::size_t low_water = 512;
    void evict();

    std::map<LaneKey, MessageRecord> window_;
    std::map<Place, MessageRecord> ready_;
    std::set<Offset> out_;
    /// Records with keys up to this are in memory; all of them when complete.
    LaneKey loaded_to_{INT64_MIN, 0};
    TimeMs held_to_ = INT64_MIN;
    TimeMs hold_until_ = INT64_MIN;
    bool complete_ = true;
    bool loading_ = false;
    /// Written behind loaded_to_ while a load is under way: the read may not have seen them.
    std::map<LaneKey, MessageRecord> while_loading_;
    /// Written or removed while a load is under way: what the read says of them is old.
    std::set<Offset> touched_while_loading_;
};

}  // namespace baton::core
