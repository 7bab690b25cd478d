#pragma once
// Reads that the core asks for and what comes back. The core never blocks: it parks the request that needs the data,
// the engine has a reader thread fetch it after the round's commit, and the answer enters as an input.

#include "server/core/chunk.hpp"
#include "server/core/cron_next.hpp"
#include "server/core/event.hpp"
#include "server/core/finished_read.hpp"
#include "server/core/flow_read.hpp"
#include "server/core/group_read.hpp"
#include "server/core/job_report.hpp"
#include "server/core/mutation.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace baton::core {

/// Up to `max_chunks` and about `max_bytes` (at least one chunk), in order, beginning with the chunk that contains
/// `from` or else the first one after it.
struct ReadChunks {
    NamespaceId ns{};
    QueueId log{};
    Offset from = 0;
    std::uint32_t max_chunks = 1;
    std::uint64_t max_bytes = 0;
    /// Of a topic with `compact`: with what is superseded, and not many messages with keys at once.
    bool superseded = false;
};
/// Records of a lane in key order with key >= (from_rank, from_at, from_offset), of which the failed set has the offset
/// and the timed lane all but the rank. Backwards: in reverse, with key < that.
struct ReadLane {
    NamespaceId ns{};
    QueueId id{};
    Lane lane = Lane::timed;
    std::uint32_t generation = 0;
    TimeMs from_at = 0;
    Offset from_offset = 0;
    std::uint32_t max_records = 0;
    std::uint64_t max_bytes = 0;
    std::int64_t from_rank = 0;
    bool backwards = false;
    GroupId from_group = {};
};
/// The lane records of these messages by way of their locators, else their records in the failed or the completed set;
/// those that are nowhere are left out.
struct ReadJobs {
    NamespaceId ns{};
    QueueId id{};
    std::uint32_t lane_generation = 0;
    std::uint32_t failed_generation = 0;
    std::vector<Offset> offsets;
    std::uint32_t completed_generation = 0;
    /// Without the bytes of the bodies, but for that of `whole`; their sizes stay.
    bool sizes_only = false;
    std::optional<Offset> whole = {};
};

/// Who has these names; or without any, the names of a queue in order from `from` on whose holder has neither a lane
/// record nor a failed one, out of the next `max_names`.
struct ReadNames {
    NamespaceId ns{};
    QueueId id{};
    std::vector<Name> names;
    Name from;
    std::uint32_t max_names = 0;
    std::uint32_t lane_generation = 0;
    std::uint32_t failed_generation = 0;
};
/// The first names that end by time, or by count.
struct ReadNameEnds {
    NamespaceId ns{};
    QueueId id{};
    bool by_count = false;
    std::uint32_t max_ends = 0;
};

/// The clock of a time zone in (from, until).
struct ReadZone {
    std::string name;
    TimeMs from = 0;
    TimeMs until = 0;
};

struct ChunksRead {
    std::vector<ChunkPtr> chunks;
    /// True: there is nothing behind the last chunk.
    bool at_end = false;
    /// When asked for, of each chunk the slots whose key has a later message, ascending.
    std::vector<std::vector<std::uint32_t>> superseded;
    /// And those that the index names as the last of their key. It may name none, of what came before there was one.
    std::vector<std::vector<std::uint32_t>> last_of_keys;
};
struct LaneRead {
    std::vector<MessageRecord> records;
    bool at_end = false;
};

struct NamesRead {
    std::vector<std::pair<Name, NameRecord>> found;
    /// Of a look through all: the last that was looked at; nothing when there is none behind it.
    std::optional<Name> last;
};
struct NameEndsRead {
    struct Found {
        NameEnd end;
        /// The name's record is the one that ends; else the name has another by now, or none.
        bool current = false;
    };
    std::vector<Found> ends;
};

struct ZoneRead {
    /// Nothing when there is no such zone.
    std::optional<ZoneSpan> span;
};

struct ReadRequest {
    /// Given back with the answer.
    std::uint64_t ticket = 0;
    std::variant<ReadChunks, ReadLane, ReadJobs, ReadZone, ReadExpiring, ReadGroups, ReadFinished, ReadNewest,
                 ReadEvents, ReadReport, ReadReported, ReadNames, ReadNameEnds, ReadFlow, ReadFlowMembers>
        what;
};
struct ReadAnswer {
    std::uint64_t ticket = 0;
    std::variant<ChunksRead, LaneRead, ZoneRead, ExpiringRead, GroupsRead, FinishedRead, EventsRead, ReportRead,
                 ReportedRead, NamesRead, NameEndsRead, FlowRead, FlowMembersRead>
        found;
};

}  // namespace baton::core
