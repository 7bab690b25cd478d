#pragma once
// What an examination of a store says: whether counters, indexes, leases, names and flows fit the messages, as a rescan
// of one commit finds them. Plain values.

#include "server/core/ids.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace baton::storage {

/// Something that does not fit.
struct Ailment {
    // Sent on the wire: do not change these values.
    enum class Kind : std::uint8_t {
        /// A counter says another number than there are records.
        counter = 1,
        /// A message that is not done is in no chunk.
        message_lost = 2,
        /// The index of messages by offset misses one, or leads nowhere.
        locator = 3,
        /// A lease holds what is not there, or is done.
        lease = 4,
        /// The index of ids and deduplication ids does not say who has one, or names one who is gone.
        name = 5,
        /// Something is parked behind a message that is gone.
        parked = 6,
        /// A record cannot be read.
        damage = 7,
        /// A flow waits, and its parent is not among the messages that wait for children.
        flow_without_parent = 8,
        /// A message waits for children, and no flow of it waits.
        parent_without_flow = 9,
        /// A flow waits, and none of its children holds it.
        flow_not_released = 10,
        /// A flow waits for a child that is nowhere, and no news of it is stored.
        child_lost = 11,
        /// The pages of a flow do not hold as many children as it has.
        flow_pages = 12,
        /// The index of flows by the queues of their children misses one.
        flow_member = 13,
    };
    Kind kind{};
    std::string queue;
    std::string text;
};

struct Diagnosis {
    /// The commit that was examined.
    std::uint64_t commit_seq = 0;
    std::uint64_t queues = 0;
    std::uint64_t records = 0;
    /// The first ones, and how many there are in all.
    std::vector<Ailment> ailments;
    std::uint64_t found = 0;
    /// It was stopped before its end.
    bool stopped = false;
    /// There is no such namespace. The default one is there before its first queue.
    bool no_namespace = false;
};

struct Examination {
    /// Empty = the default one.
    std::string ns;
    /// Empty = all of the namespace.
    std::string queue;
    /// Asked after each slice, of so many records or bytes; false stops. May take its time, which is how the
    /// examination is kept slow.
    std::function<bool()> go_on;
    static constexpr std::size_t slice_records = 256, slice_bytes = 256 * 1024;
    static constexpr std::size_t ailments_max = 1'000;
};

}  // namespace baton::storage
