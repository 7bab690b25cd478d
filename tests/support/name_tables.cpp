#include "tests/support/name_tables.hpp"

#include <algorithm>
#include <limits>

namespace baton::tests {

using namespace core;

namespace {

/// Whether the message has a lane record or a failed one.
bool is_stored(const Tables& tables, const ReadNames& wanted, Offset offset) {
    const QueueKey queue{value(wanted.ns), value(wanted.id)};
    return std::any_of(tables.lanes.begin(), tables.lanes.end(), [&](const auto& one) {
        const auto& [owner, lane, generation, key] = one.first;
        return owner == queue && lane != Lane::completed && key.offset == offset &&
               generation == (lane == Lane::failed ? wanted.failed_generation : wanted.lane_generation);
    });
}

}  // namespace

NamesRead read_names(const Tables& tables, const ReadNames& wanted) {
    NamesRead found;
    for (const Name& name : wanted.names) {
        if (const auto record = tables.names.find(name); record != tables.names.end()) {
            found.found.emplace_back(name, record->second.record);
        }
    }
    if (!wanted.names.empty()) {
        return found;
    }
    std::uint32_t looked_at = 0;
    Name from = wanted.from;
    from.queue = wanted.id;
    for (auto at = tables.names.upper_bound(from); at != tables.names.end() && at->first.queue == wanted.id; ++at) {
        if (looked_at++ == wanted.max_names) {
            return found;
        }
        found.last = at->first;
        const Offset holder = at->second.record.holder;
        if (!is_stored(tables, wanted, holder)) {
            found.found.emplace_back(at->first, at->second.record);
        }
    }
    found.last.reset();
    return found;
}

NameEndsRead read_name_ends(const Tables& tables, const ReadNameEnds& wanted) {
    NameEndsRead found;
    const QueueKey key{value(wanted.ns), value(wanted.id)};
    constexpr TimeMs by_count = std::numeric_limits<TimeMs>::max(), least = std::numeric_limits<TimeMs>::min();
    for (auto at = tables.name_ends.lower_bound({key, wanted.by_count ? by_count : least, 0});
         at != tables.name_ends.end() && std::get<0>(at->first) == key && found.ends.size() < wanted.max_ends; ++at) {
        if (wanted.by_count || at->second.until != by_count) {
            const NameEnd& end = at->second;
            const auto record = tables.names.find(end.name);
            found.ends.push_back({end, record != tables.names.end() && record->second.record.number == end.number});
        }
    }
    return found;
}

}  // namespace baton::tests
