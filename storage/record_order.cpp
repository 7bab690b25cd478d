#include "storage/record_order.hpp"

#include "storage/finished_keys.hpp"
#include "storage/key_index.hpp"
#include "storage/keys.hpp"

#include <algorithm>
#include <optional>
#include <variant>

namespace baton::storage {

namespace {

struct Placed {
    Key key;
    const core::Mutation* mutation;
};

/// Of what changes one record, or adjacent ones, of a kind that comes in any order; nothing for the others.
struct KeyOfRecord {
    using Found = std::optional<Key>;
    Found operator()(const core::PutLaneRecord& put) const {
        return lane_key(put.ns, put.id, put.lane, put.generation, core::key_of(put.lane, put.record));
    }
    Found operator()(const core::RemoveLaneRecord& gone) const {
        const core::LaneKey key{gone.at, gone.offset, gone.rank, gone.group};
        return lane_key(gone.ns, gone.id, gone.lane, gone.generation, key);
    }
    Found operator()(const core::PutLocator& put) const { return locator_key(put.ns, put.id, put.offset); }
    Found operator()(const core::RemoveLocator& gone) const { return locator_key(gone.ns, gone.id, gone.offset); }
    Found operator()(const core::PutCompleted& put) const {
        return completed_key(put.ns, put.id, put.generation, put.first);
    }
    Found operator()(const core::PutGroup& put) const { return group_key(put.ns, put.id, put.group); }
    Found operator()(const core::RemoveGroup& gone) const { return group_key(gone.ns, gone.id, gone.group); }
    Found operator()(const core::PutLastOfKey& put) const { return last_of_key_key(put.ns, put.id, put.key); }
    template <typename Other>
    Found operator()(const Other&) const {
        return std::nullopt;
    }
};

bool removes_a_range(const core::Mutation& mutation) {
    return std::holds_alternative<core::SweepLane>(mutation) || std::holds_alternative<core::SweepLocators>(mutation) ||
           std::holds_alternative<core::SweepQueue>(mutation);
}

}  // namespace

std::vector<const core::Mutation*> in_key_order(std::span<const core::Mutation> mutations) {
    std::vector<const core::Mutation*> order;
    order.reserve(mutations.size());
    const bool as_they_came = std::any_of(mutations.begin(), mutations.end(), removes_a_range);
    std::vector<Placed> placed;
    for (const core::Mutation& mutation : mutations) {
        if (const auto key = as_they_came ? std::nullopt : std::visit(KeyOfRecord{}, mutation)) {
            placed.push_back({*key, &mutation});
        } else {
            order.push_back(&mutation);
        }
    }
    std::vector<const Placed*> sorted(placed.size());
    std::transform(placed.begin(), placed.end(), sorted.begin(), [](const Placed& one) { return &one; });
    std::sort(sorted.begin(), sorted.end(), [](const Placed* one, const Placed* other) {
        return one->key < other->key || (one->key == other->key && one < other);
    });
    for (const Placed* one : sorted) {
        order.push_back(one->mutation);
    }
    return order;
}

}  // namespace baton::storage
