#pragma once
// The groups of a queue as memory sees them: those that have waiting messages, in the order of their turns, each with
// its first messages. Behind that everything is on disk. When a queue has more groups than memory holds, a window of
// them moves along the ring; when a group's messages in memory run out, more are read. Nothing is rebuilt at start-up.
//
// Owned by one queue. Memory never grows with the backlog.

#include "server/core/group_id.hpp"
#include "server/core/group_read.hpp"
#include "server/core/message_record.hpp"
#include "server/core/place.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>
#include <vector>

namespace baton::core {

enum class ReadGoal : std::uint8_t {
    /// Something to deliver later.
    ahead,
    /// next() had nothing.
    turn,
    /// More of groups that are known, such as want() made.
    named,
};

class GroupRing {
public:
    GroupRing() = default;
    /// A record just written to disk: ready, and not leased.
    void insert(MessageRecord&& record);
    /// The disk no longer holds this record, or holds it under another key.
    void removed(const LaneKey& key);
    /// The record is leased: on disk, and not to be delivered.
    void mark_out(Offset offset) { out_.insert(offset); }
    bool is_out(Offset offset) const { return out_.contains(offset); }

    /// Whose turn it is among those that are not set aside; nothing when that is not known before a read, or nobody's.
    const GroupId* next() const;
    const MessageRecord& head(const GroupId& group) const { return groups_.at(group).records.begin()->second; }
    /// False: its first message is on disk only, and must be read before anyone else has a turn.
    bool has_head(const GroupId& group) const { return !groups_.at(group).records.empty(); }
    /// Takes the group's first record; it stays on disk and is out.
    MessageRecord take(const GroupId& group);
    /// The group had its turn.
    void turn_taken(const GroupId& group);
    /// The group is held back: it leaves the ring until wake().
    void set_aside(const GroupId& group) { ready_.erase(group); }
    /// The group is held back no longer.
    void wake(const GroupId& group);
    /// Everything that has messages takes part again.
    void wake_all();
    /// One waiting record by offset, out of the ring, if it is in memory. Walks all: for rare requests.
    std::optional<MessageRecord> take_offset(Offset offset);
    /// A waiting record of this group, or of any; null when none is in memory.
    const MessageRecord* first_waiting(const GroupId& group) const;
    const MessageRecord* first_waiting() const;
    /// The last waiting record of this group; null when that is not known in memory.
    const MessageRecord* last_waiting(const GroupId& group) const;
    /// The next read brings the first messages of this group, if none of it are in memory.
    void want(const GroupId& group);

    /// What to read next, if anything is to be read and no read is under way.
    std::optional<GroupsWanted> begin_read(ReadGoal goal);
    /// The read is back; false when it was for what is gone meanwhile.
    bool loaded(std::uint64_t read, GroupsRead&& found);
    bool reading() const { return reading_ != 0; }

    /// How many groups have waiting messages, as far as memory knows, and whether it knows all.
    std::size_t known() const { return groups_.size(); }
    bool whole() const { return !low_ && to_end_; }
    std::size_t ready() const { return ready_.size(); }
    /// When the earliest message in memory became ready; walks the groups.
    TimeMs oldest_ready() const;
    /// At start-up: the disk may have records, none is in memory.
    void restore(std::uint64_t count) { to_end_ = count == 0; }
    /// Everything on disk is gone or of an older generation.
    void clear();

private:
    static constexpr Place first_place{INT64_MIN, INT64_MIN, 0};
    explicit GroupRing(std::uint64_t reads) : reads_(reads) {}

    struct Heads {
        std::map<Place, MessageRecord> records;
        std::size_t bytes = 0;
        /// What is not out and stands up to this place is in memory; everything when complete.
        Place loaded_to;
        bool complete = true;
        bool loading = false;
    };
    using Groups = std::map<GroupId, Heads>;

    bool covers(const GroupId& group) const;
    std::size_t quota() const;
    void add(Heads& heads, const Place& place, MessageRecord&& record);
    void drop(Groups::iterator group);
    /// The group may have run out of messages in memory, or of messages.
    void check(Groups::iterator group);
    void shrink(Heads& heads, std::size_t most);
    void evict();
    void take_range(GroupsRead&& found);
    void take_named(GroupsRead&& found);
    void take_heads(Heads& heads, GroupsRead::Heads&& found);
    void take_written();
    void start_over();
    /// Every group that is not in memory is known to be held back, until it is woken by itself.
    bool asleep() const { return ends_met_ >= 2; }
    /// A group outside of what memory covers may have something to deliver.
    void look_at(const GroupId& group);

    Groups groups_;
    /// Groups with messages that are not held back, and groups that have more on disk than in memory, soon to be read.
    std::set<GroupId> ready_, dry_;
    std::size_t bytes_ = 0;
    /// Lookups only: its order never reaches an output.
    std::unordered_set<Offset> out_;
    /// Whose turn it was last.
    GroupId turn_;
    /// Groups above `low_` and up to `high_` (to the end of the ring: to_end_) are known; none when both are absent.
    std::optional<GroupId> low_, high_;
    bool to_end_ = true;
    /// Ends of the ring met since anything was delivered: after a whole round without, there is nothing.
    std::uint32_t ends_met_ = 0;
    /// Turns since the window moved last, and how many groups that brought.
    std::size_t turns_ = 0, brought_ = 0;

    std::uint64_t reading_ = 0, reads_ = 0;
    bool range_read_ = false, range_stale_ = false;
    /// Groups that the read under way names.
    std::vector<GroupId> asked_;
    /// Written where a read under way may not have seen it, and changed there so that what it says is old.
    std::map<LaneKey, MessageRecord> written_;
    std::set<Offset> touched_;
};

}  // namespace baton::core
