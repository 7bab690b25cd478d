// Reads of the grouped lane: the first records of many groups with one iterator, which jumps from group to group.
#include "storage/damage.hpp"
#include "storage/range_iterator.hpp"
#include "storage/reads.hpp"
#include "storage/record_codec.hpp"
#include "storage/store.hpp"

#include <fmt/format.h>

#include <string>

namespace baton::storage {

namespace {

class GroupReader {
public:
    GroupReader(rocksdb::DB& db, const core::ReadGroups& wanted)
        : wanted_(wanted), range_(db, lane_range(wanted.ns, wanted.id, core::Lane::grouped, wanted.generation)) {}

    core::GroupsRead run() {
        wanted_.wanted.from.empty() ? run_range() : run_named();
        if (!range_.at->status().ok()) {
            throw StorageFailure(fmt::format("cannot read groups: {}", range_.at->status().ToString()));
        }
        return std::move(found_);
    }

private:
    static constexpr core::LaneKey first_of(const core::GroupId& group) { return {INT64_MIN, 0, INT64_MIN, group}; }
    void seek(const Key& key) { range_.at->Seek(slice(key)); }
    ParsedKey here() const {
        const auto key = parse_key(view(range_.at->key()));
        if (!key) {
            throw Damage(describe_key(view(range_.at->key())));
        }
        return *key;
    }
    bool enough() const { return bytes_ >= wanted_.max_bytes && !found_.groups.empty(); }

    void run_named() {
        for (const core::LaneKey& from : wanted_.wanted.from) {
            if (enough()) {
                return;
            }
            const KeyRange group = group_range(wanted_.ns, wanted_.id, wanted_.generation, from);
            seek(group.begin);
            take(from.group, group);
        }
    }

    void run_range() {
        const std::uint32_t generation = wanted_.generation;
        if (wanted_.wanted.after) {
            seek(group_range(wanted_.ns, wanted_.id, generation, first_of(*wanted_.wanted.after)).end);
        } else {
            range_.at->SeekToFirst();
        }
        while (range_.at->Valid() && found_.groups.size() < wanted_.wanted.max_groups && !enough()) {
            const core::GroupId id = here().group;
            const KeyRange group = group_range(wanted_.ns, wanted_.id, generation, first_of(id));
            take(id, group);
            if (range_.at->Valid() && view(range_.at->key()) < group.end.view()) {
                seek(group.end);
            }
        }
        found_.at_end = !range_.at->Valid();
    }

    /// The records of one group from where the iterator stands.
    void take(const core::GroupId& id, const KeyRange& group) {
        core::GroupsRead::Heads heads;
        heads.id = id;
        const auto more = [&] { return range_.at->Valid() && view(range_.at->key()) < group.end.view(); };
        const std::uint32_t most = wanted_.count_max != 0 ? wanted_.count_max : wanted_.wanted.max_records;
        for (; more() && heads.counted < most; range_.at->Next()) {
            heads.counted += 1;
            if (heads.records.size() < wanted_.wanted.max_records) {
                bytes_ += range_.at->value().size();
                heads.records.push_back(decode_lane_record(here(), view(range_.at->value())));
            }
        }
        heads.at_end = !more();
        found_.groups.push_back(std::move(heads));
    }

    const core::ReadGroups& wanted_;
    RangeIterator range_;
    core::GroupsRead found_;
    std::uint64_t bytes_ = 0;
};

}  // namespace

core::GroupsRead read_stored(rocksdb::DB& db, const core::ReadGroups& wanted) { return GroupReader(db, wanted).run(); }

}  // namespace baton::storage
