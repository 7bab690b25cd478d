#pragma once
// Reading the grouped lane: the first messages of many groups in one read. Plain values.

#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"
#include "server/core/place.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace baton::core {

/// Either the groups behind one in the order of the ring, each from its start, or named ones, each from a key on.
struct GroupsWanted {
    /// Its number, given back with the answer.
    std::uint64_t read = 0;
    std::vector<LaneKey> from;
    /// Without `from`: groups behind this one; absent = from the first.
    std::optional<GroupId> after;
    std::uint32_t max_groups = 0;
    std::uint32_t max_records = 0;
};
struct ReadGroups {
    NamespaceId ns{};
    QueueId id{};
    std::uint32_t generation = 0;
    GroupsWanted wanted;
    /// Ends early, at the end of a group, when it has read so much.
    std::uint64_t max_bytes = 0;
    /// Not 0: records of each group are counted up to this, and only the first is returned.
    std::uint32_t count_max = 0;
};

struct GroupsRead {
    struct Heads {
        GroupId id;
        std::vector<MessageRecord> records;
        /// There is nothing of this group behind the last record.
        bool at_end = false;
        std::uint32_t counted = 0;
    };
    /// In the order of the ring, or as they were named; named ones may be missing at the end.
    std::vector<Heads> groups;
    /// There is no group behind the last one.
    bool at_end = false;
};

}  // namespace baton::core
