#pragma once
// The key space of one shard: the only place where keys are built and parsed. Integers are big-endian, so byte order is
// numeric order; times have their sign bit flipped for the same reason.
//
//   key       := 0x01 ns:u32 record              data of a namespace
//              | 0x02 shard_record               data of the shard
//   record    := 0x10 log:u64 first:u64                            chunk
//              | 0x12 queue:u64 seq:u64                            chunk of events
//              | 0x20 queue:u64 generation:u32 at:i64 offset:u64   lane record, timed
//              | 0x21 queue:u64 generation:u32 offset:u64          lane record, failed
//              | 0x22 queue:u64 generation:u32 rank:i64 at:i64 offset:u64   lane record, prioritized
//              | 0x23 queue:u64 generation:u32 group:u128 rank:i64 at:i64 offset:u64   lane record, grouped
//              | 0x24 queue:u64 generation:u32 offset:u64          lane record, completed
//              | 0x25 queue:u64 generation:u32 offset:u64          lane record, waiting for children
//              | 0x40 queue:u64 page:u64                           ack page
//              | 0x41 queue:u64 batch:u64                          lease
//              | 0x42 queue:u64 offset:u64                         returned
//              | 0x43 queue:u64 producer:u64                       producer
//              | 0x44 queue:u64 offset:u64                         locator
//              | 0x45 queue:u64 group:u128                         group
//              | 0x46 family:u8 queue:u64 text                     name: id (1), key (2), what is parked with it (3)
//              | 0x47 queue:u64 until:i64 number:u64               end of a name
//              | 0x48 queue:u64 set:u8 seq:u64 part:u64            finished: 0 batch, offset + 1 of one that is gone
//              | 0x49 queue:u64 at:i64 in_lane:u8 offset:u64       expiry: of a chunk's first offset, or a lane record
//              | 0x4C queue:u64 offset:u64 page:u64                flow, by its parent
//              | 0x4D queue:u64 offset:u64 child:u64               long result of a child of a flow
//              | 0x4E queue:u64 offset:u64 child:u64               news of a child that its flow was not told of yet
//              | 0x4F queue:u64 parent_queue:u64 offset:u64        an unresolved flow with children in the queue
//              | 0x50 queue:u64                                    queue
//              | 0x51 queue:u64, 0x55 queue:u64                    queue state; minutes in which its jobs ended
//              | 0x56 queue:u64 binding:u64                        binding, by the queue that it leads into
//              | 0x57 queue:u64 topic:u64                          fill of a subscription from the past of a topic
//              | 0x59 topic:u64 group:u128                         last message of a key
//              | 0x52 schedule:u64 part:u64                        schedule: 0 definition, 1 progress
//              | 0x53 queue:u64 offset:u64 part:u64                report: 0 progress, 1 bounds, line + 2 of a log part
//              | 0x54 task:u64                                     task
//   shard_record := 0x01 ns:u32                                    namespace
//              | 0x02                                              shard counters
//              | 0x03                                              identity
//              | 0xF0                                              commit record
//
// Records that are overwritten all the time sort behind the chunks, so that the files of a flush cover only the new end
// of a growing log and compaction need not rewrite its older part. These bytes are on disk: do not change them.

#include "server/core/mutation.hpp"
#include "storage/key.hpp"
#include "storage/key_kind.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::storage {

/// What is filed under a name: the first two are core::NameKind.
enum class NameFamily : std::uint8_t { id = 1, dedup = 2, parked = 3 };

/// The fields of a key; those that its kind does not have are 0.
struct ParsedKey {
    KeyKind kind{};
    core::NamespaceId ns{};
    /// Of a schedule or a task: its number.
    core::QueueId queue{};
    std::uint32_t generation = 0;  // of an expiry: 1 when it is that of a lane record
    core::TimeMs at = 0;
    std::int64_t rank = 0;
    core::GroupId group;
    /// Of a finished batch; of a report the offset; of a flow its parent; of a flow's member the queue of the flow.
    std::uint64_t seq = 0;
    /// Offset, page, batch, producer, event, child or part; of a name the checksum of its text.
    std::uint64_t number = 0;
    NameFamily family{};
    std::string_view text;  // in the key's own bytes
};

Key chunk_key(core::NamespaceId ns, core::QueueId log, core::Offset first);
Key timed_key(core::NamespaceId ns, core::QueueId queue, std::uint32_t generation, core::TimeMs at,
              core::Offset offset);
Key failed_key(core::NamespaceId ns, core::QueueId queue, std::uint32_t generation, core::Offset offset);
Key prioritized_key(core::NamespaceId ns, core::QueueId queue, std::uint32_t generation, const core::LaneKey& key);
Key grouped_key(core::NamespaceId ns, core::QueueId queue, std::uint32_t generation, const core::LaneKey& key);
/// The key of a finished message has the offset only, that of a timed one no rank.
Key lane_key(core::NamespaceId ns, core::QueueId queue, core::Lane lane, std::uint32_t generation,
             const core::LaneKey& key);
Key ack_page_key(core::NamespaceId ns, core::QueueId queue, std::uint64_t page);
Key lease_key(core::NamespaceId ns, core::QueueId queue, core::BatchNumber batch);
Key returned_key(core::NamespaceId ns, core::QueueId queue, core::Offset offset);
Key group_key(core::NamespaceId ns, core::QueueId queue, const core::GroupId& group);
Key locator_key(core::NamespaceId ns, core::QueueId queue, core::Offset offset);
Key producer_key(core::NamespaceId ns, core::QueueId queue, std::uint64_t producer);
Key queue_key(core::NamespaceId ns, core::QueueId queue);
Key queue_state_key(core::NamespaceId ns, core::QueueId queue);
Key schedule_key(core::NamespaceId ns, core::ScheduleId schedule, std::uint64_t part);
Key namespace_key(core::NamespaceId ns);
Key shard_key();
Key identity_key();
Key commit_key();

KeyKind lane_kind(core::Lane lane);

/// Every record of one kind of one queue.
KeyRange queue_range(core::NamespaceId ns, core::QueueId queue, KeyKind kind);
/// The definitions of all queues of a namespace.
KeyRange queues_range(core::NamespaceId ns);
/// The records of one group in the grouped lane from a key on.
KeyRange group_range(core::NamespaceId ns, core::QueueId queue, std::uint32_t generation, const core::LaneKey& from);
/// Every record of one generation of a lane.
KeyRange lane_range(core::NamespaceId ns, core::QueueId queue, core::Lane lane, std::uint32_t generation);
/// The records of generations below `generation`.
KeyRange lane_range_below(core::NamespaceId ns, core::QueueId queue, core::Lane lane, std::uint32_t generation);

/// Empty when the bytes do not follow the grammar.
std::optional<ParsedKey> parse_key(std::string_view key);
/// The key in words, for messages about damage; any bytes are allowed.
std::string describe_key(std::string_view key);

}  // namespace baton::storage
