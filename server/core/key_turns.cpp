#include "server/core/key_turns.hpp"

#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/require.hpp"

#include <algorithm>

namespace baton::core {

void KeyTurns::file(const GroupId& id, const Key& key) {
    if (key.waiting.empty() || waiting_.at(*key.waiting.begin()).not_before != 0) {
        return;
    }
    if (key.in_flight == 0) {
        free_.emplace(*key.waiting.begin(), id);
    } else if (!strict_) {
        held_[key.holder].emplace(*key.waiting.begin(), id);
    }
}

void KeyTurns::unfile(const GroupId& id, const Key& key) {
    if (key.waiting.empty()) {
        return;
    }
    if (key.in_flight == 0) {
        free_.erase({*key.waiting.begin(), id});
        return;
    }
    const auto held = held_.find(key.holder);
    if (held != held_.end()) {
        held->second.erase({*key.waiting.begin(), id});
        if (held->second.empty()) {
            held_.erase(held);
        }
    }
}

template <typename Change>
void KeyTurns::change(const GroupId& id, Change&& change) {
    const auto key = keys_.try_emplace(id).first;
    unfile(id, key->second);
    change(key->second);
    file(id, key->second);
    if (key->second.in_flight == 0 && key->second.waiting.empty()) {
        keys_.erase(key);
    }
}

void KeyTurns::set_strict(bool strict) {
    if (strict == strict_) {
        return;
    }
    free_.clear();
    held_.clear();
    strict_ = strict;
    for (const auto& [id, key] : keys_) {
        file(id, key);
    }
    for (const auto& [offset, one] : waiting_) {
        if (one.read && !one.key.any() && one.not_before == 0) {
            free_.emplace(offset, GroupId{});
        }
    }
}

std::optional<Offset> KeyTurns::first_for(const ConsumerPlace& consumer) const {
    std::optional<Offset> first;
    if (!free_.empty()) {
        first = free_.begin()->first;
    }
    if (const auto held = held_.find(consumer); held != held_.end()) {
        const Offset own = held->second.begin()->first;
        first = first ? std::min(*first, own) : own;
    }
    return first;
}

bool KeyTurns::may_take(const GroupId& id, const ConsumerPlace& consumer) const {
    const auto key = keys_.find(id);
    if (key == keys_.end()) {
        return true;
    }
    const bool alone = key->second.in_flight == 0 || (!strict_ && key->second.holder == consumer);
    return alone && (key->second.waiting.empty() || planted(PlantedBug::key_passes_its_retry));
}

KeyTurns::Holdup KeyTurns::holdup_of(const GroupId& id, Offset offset) const {
    const auto key = keys_.find(id);
    if (key == keys_.end()) {
        return {};
    }
    Holdup holdup;
    holdup.in_flight = key->second.in_flight != 0;
    if (!key->second.waiting.empty() && *key->second.waiting.begin() < offset) {
        holdup.retry_at = not_before(*key->second.waiting.begin());
    }
    return holdup;
}

void KeyTurns::taken(const GroupId& id, const ConsumerPlace& consumer) {
    const auto key = keys_.find(id);
    require(key == keys_.end() || key->second.in_flight == 0 || !strict_,
            "in strict order one message of a key is in flight");
    kept(id, consumer);
}

void KeyTurns::kept(const GroupId& id, const ConsumerPlace& consumer) {
    change(id, [&consumer](Key& key) {
        require(key.in_flight == 0 || key.holder == consumer, "a key is with one consumer at a time");
        key.holder = consumer;
        key.in_flight += 1;
    });
}

void KeyTurns::settled(const GroupId& id) {
    change(id, [](Key& key) {
        require(key.in_flight != 0, "a message whose lease ends counts at its key");
        key.in_flight -= 1;
    });
}

void KeyTurns::enter(Offset offset, const Waiting& one) {
    if (one.key.any()) {
        change(one.key, [offset](Key& key) { key.waiting.insert(offset); });
    } else if (one.not_before == 0) {
        free_.emplace(offset, GroupId{});
    }
}

void KeyTurns::leave(Offset offset, const Waiting& one) {
    bytes_ -= one.bytes;
    if (!one.read) {
        unread_.erase(offset);
    } else if (one.key.any()) {
        change(one.key, [offset](Key& key) { key.waiting.erase(offset); });
    } else {
        free_.erase({offset, GroupId{}});
    }
    if (one.not_before != 0) {
        delayed_.erase({one.not_before, offset});
    }
}

void KeyTurns::wait(Offset offset, const GroupId& key, TimeMs not_before) {
    const auto [one, fresh] = waiting_.emplace(offset, Waiting{key, not_before, true});
    require(fresh, "a message waits once");
    if (not_before != 0) {
        delayed_.emplace(not_before, offset);
    }
    enter(offset, one->second);
}

void KeyTurns::wait_unread(Offset offset, TimeMs not_before) {
    const bool fresh = waiting_.emplace(offset, Waiting{{}, not_before, false}).second;
    require(fresh, "a message waits once");
    if (not_before != 0) {
        delayed_.emplace(not_before, offset);
    }
    unread_.insert(offset);
}

std::optional<Offset> KeyTurns::first_unread() const {
    return unread_.empty() ? std::nullopt : std::optional(*unread_.begin());
}

void KeyTurns::read(Offset offset, const GroupId& key) {
    if (unread_.erase(offset) == 0) {
        return;
    }
    Waiting& one = waiting_.at(offset);
    one.read = true;
    one.key = key;
    enter(offset, one);
}

void KeyTurns::left(Offset first, std::uint64_t count) {
    for (auto one = waiting_.lower_bound(first); one != waiting_.end() && one->first - first < count;) {
        leave(one->first, one->second);
        one = waiting_.erase(one);
    }
}

void KeyTurns::set_ready(std::map<Offset, Waiting>::iterator one) {
    Waiting& waits = one->second;
    delayed_.erase({waits.not_before, one->first});
    if (waits.read && waits.key.any()) {
        change(waits.key, [&waits](Key&) { waits.not_before = 0; });
        return;
    }
    waits.not_before = 0;
    if (waits.read) {
        free_.emplace(one->first, GroupId{});
    }
}

void KeyTurns::hurry(Offset offset) {
    const auto one = waiting_.find(offset);
    if (one != waiting_.end() && one->second.not_before != 0) {
        set_ready(one);
    }
}

bool KeyTurns::wake(TimeMs now) {
    bool some = false;
    while (!delayed_.empty() && delayed_.begin()->first <= now) {
        set_ready(waiting_.find(delayed_.begin()->second));
        some = true;
    }
    return some;
}

void KeyTurns::weigh(Offset offset, std::uint64_t bytes) {
    Waiting& one = waiting_.at(offset);
    bytes_ += bytes - one.bytes;
    one.bytes = bytes;
}

bool KeyTurns::has_room() const {
    return waiting_.size() < limits::keys_set_aside_max && bytes_ < limits::keys_history_bytes_max;
}

TimeMs KeyTurns::not_before(Offset offset) const {
    const auto one = waiting_.find(offset);
    return one == waiting_.end() ? 0 : one->second.not_before;
}

void KeyTurns::clear_waiting() {
    waiting_.clear();
    bytes_ = 0;
    unread_.clear();
    delayed_.clear();
    free_.clear();
    held_.clear();
    for (auto key = keys_.begin(); key != keys_.end();) {
        key->second.waiting.clear();
        key = key->second.in_flight == 0 ? keys_.erase(key) : std::next(key);
    }
}

void KeyTurns::clear() {
    clear_waiting();
    keys_.clear();
}

}  // namespace baton::core
