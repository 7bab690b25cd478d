#pragma once
// A lane as memory sees it: a bounded window of its first records in key order, behind which everything is on disk.
// What is written behind the window stays on disk only; when the window runs low, it is read on from there. Which
// records are out (leased, or ready in another order) is remembered, so that a read does not bring them back.
//
// Owned by one queue. Memory never grows with the backlog.

#include "server/core/message_record.hpp"
#include "server/core/place.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace baton::core {

class LaneWindow {
public:
    explicit LaneWindow(Lane lane) : lane_(lane) {}

    /// A record just written to disk.
    void insert(MessageRecord&& record);
    /// Takes a record of the window; it stays on disk and is out.
    MessageRecord take(std::map<LaneKey, MessageRecord>::iterator at);
    /// The disk no longer holds this record, or holds it under another key.
    void removed(const LaneKey& key);
    /// The record is out (leased by a batch restored at start, or by one that a purge left).
    void mark_out(Offset offset) { out_.insert(offset); }
    bool is_out(Offset offset) const { return out_.contains(offset); }

    std::map<LaneKey, MessageRecord>& records() { return records_; }
    const std::map<LaneKey, MessageRecord>& records() const { return records_; }
    /// Every record on disk that is not out is in the window.
    bool complete() const { return complete_; }
    /// True when the window is low and the disk has more.
    bool wants_load() const;
    /// Where to read on from; marks the load as under way.
    LaneKey begin_load();
    /// The read is back. Records that are out or in the window are skipped.
    void loaded(std::vector<MessageRecord>&& records, bool at_end);
    /// At start-up: the disk has `count` records, none is in memory.
    void restore(std::uint64_t count) { complete_ = count == 0; }
    /// Everything on disk is gone or of an older generation.
    void clear();

private:
    static constexpr std::size_t low_water = 512;
    void add(const LaneKey& key, MessageRecord&& record);
    void evict();

    Lane lane_;
    std::map<LaneKey, MessageRecord> records_;
    std::size_t bytes_ = 0;
    std::set<Offset> out_;
    /// Records with keys up to this are in memory; all of them when complete. Absent: nothing was read yet.
    std::optional<LaneKey> loaded_to_;
    bool complete_ = true;
    bool loading_ = false;
    /// The window shrank while a load is under way: its answer would leave a gap and is dropped.
    bool load_is_stale_ = false;
    /// Written behind loaded_to_ while a load is under way: the read may not have seen them.
    std::map<LaneKey, MessageRecord> while_loading_;
    /// Written or removed while a load is under way: what the read says of them is old.
    std::set<Offset> touched_while_loading_;
};

}  // namespace baton::core
