// What must hold where consumers share by key: a key is with one of them, and in order.
#include "tests/simulation/topics.hpp"

#include <algorithm>

namespace baton::simulation {

using namespace core;

void TopicSimulation::comes_back(const Held& held, TimeMs since) {
    Reader& reader = *readers_[held.reader];
    // One that selects has no copy of what it is to try again, and nothing is kept for it unless it holds.
    const bool may_go = selects(reader);
    if (reader.by_key && !key_of(held.place).empty() && (!may_go || reader.hold)) {
        reader.to_come[held.place] = since;
    }
}

void TopicSimulation::check_keys(std::size_t index, const Place& place, std::uint64_t consumer, TimeMs decided_at) {
    Reader& reader = *readers_[index];
    const std::string& key = key_of(place);
    if (!reader.by_key || key.empty()) {
        return;
    }
    const auto tell = [&](const char* check, const std::string& what) {
        findings_.add(check, reader.queue + " got " + place.first + ' ' + std::to_string(place.second) + " of " + key +
                                 " at " + std::to_string(consumer) + ' ' + what);
    };
    for (const Held& held : held_) {
        if (held.reader != index || key_of(held.place) != key) {
            continue;
        }
        if (held.consumer != consumer) {
            tell("key", "while " + std::to_string(held.consumer) + " has some of it");
        } else if (reader.strict) {
            tell("strict", "while it has another one");
        }
    }
    reader.to_come.erase(place);
    for (const auto& [before, since] : reader.to_come) {
        // What nobody holds is dropped when its topic lets it go.
        if (!reader.hold && before.second < first_of(before.first)) {
            continue;
        }
        if (before.first == place.first && before.second < place.second && key_of(before) == key &&
            decided_at >= since) {
            tell("key order", "while " + std::to_string(before.second) + " is to come before");
        }
    }
}

}  // namespace baton::simulation
