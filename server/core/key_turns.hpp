#pragma once
// Whose turn it is in a subscription of mode key_shared: which consumer has messages of a key in flight, and what
// waits.
//
// A key belongs to the consumer that has something of it in flight, and to nobody else until that is settled. What
// waits was set aside while its key was busy, or came back; the first of a key goes out before everything later of it,
// and while that one waits for a time the whole key does. What has no key waits for nobody. Memory only; owned by the
// queue.

#include "server/core/consumer_list.hpp"
#include "server/core/group_id.hpp"
#include "server/core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace baton::core {

class KeyTurns {
public:
    explicit KeyTurns(bool strict) : strict_(strict) {}

    /// Strict: no more than one of a key in flight.
    void set_strict(bool strict);
    bool strict() const { return strict_; }

    // ---- whose turn it is

    /// The first of what waits that the consumer may have now.
    std::optional<Offset> first_for(const ConsumerPlace& consumer) const;
    /// Whether the consumer may have a message of the key that comes behind all that waits.
    bool may_take(const GroupId& key, const ConsumerPlace& consumer) const;
    /// What holds up a message of the key that waits, or one that is behind all that does.
    struct Holdup {
        /// Something of it is in flight.
        bool in_flight = false;
        /// An earlier one waits for this time; 0 = none does.
        TimeMs retry_at = 0;
    };
    Holdup holdup_of(const GroupId& key, Offset offset) const;

    // ---- in flight

    void taken(const GroupId& key, const ConsumerPlace& consumer);
    /// A lease ended, and its message still counts as in flight until it is out of its log.
    void kept(const GroupId& key, const ConsumerPlace& consumer);
    void settled(const GroupId& key);

    // ---- what waits

    /// `not_before` 0: for no time.
    void wait(Offset offset, const GroupId& key, TimeMs not_before = 0);
    /// Its key is not known before its chunk is read.
    void wait_unread(Offset offset, TimeMs not_before = 0);
    std::optional<Offset> first_unread() const;
    void read(Offset offset, const GroupId& key);
    /// What waits of [first, first + count) does not wait any more.
    void left(Offset first, std::uint64_t count = 1);
    /// It need not wait for its time.
    void hurry(Offset offset);
    /// What waited for a time up to this one is ready; false when nothing did.
    bool wake(TimeMs now);
    /// What is kept in memory of a message that waits, beside its place.
    void weigh(Offset offset, std::uint64_t bytes);
    /// Memory is bounded by how much may wait; what is in flight may come on top.
    bool has_room() const;

    /// What waits for a time, in order of it.
    const std::set<std::pair<TimeMs, Offset>>& delayed() const { return delayed_; }
    /// What the message waits for; 0 = for no time.
    TimeMs not_before(Offset offset) const;

    /// Nothing waits any more; what is in flight stays.
    void clear_waiting();
    void clear();

    /// More was to be set aside than one delivery may look at: the next one goes on.
    bool looking = false;

private:
    struct Waiting {
        GroupId key;
        TimeMs not_before = 0;
        bool read = true;
        std::uint64_t bytes = 0;
    };
    struct Key {
        ConsumerPlace holder;
        std::uint32_t in_flight = 0;
        std::set<Offset> waiting;
    };
    using Firsts = std::set<std::pair<Offset, GroupId>>;

    /// Whose first message is ready is found in one of these, in none otherwise.
    void file(const GroupId& id, const Key& key);
    void unfile(const GroupId& id, const Key& key);
    template <typename Change>
    void change(const GroupId& id, Change&& change);
    void enter(Offset offset, const Waiting& one);
    void leave(Offset offset, const Waiting& one);
    void set_ready(std::map<Offset, Waiting>::iterator one);

    bool strict_ = false;
    std::map<Offset, Waiting> waiting_;
    std::uint64_t bytes_ = 0;
    std::set<Offset> unread_;
    std::set<std::pair<TimeMs, Offset>> delayed_;
    std::map<GroupId, Key> keys_;
    /// The first ready ones of keys that nobody has, and all without a key.
    Firsts free_;
    std::map<ConsumerPlace, Firsts> held_;
};

}  // namespace baton::core
