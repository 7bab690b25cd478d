#include "storage/keys.hpp"

#include "storage/expiry_keys.hpp"
#include "storage/finished_keys.hpp"
#include "storage/key_writer.hpp"
#include "storage/name_keys.hpp"
#include "storage/report_keys.hpp"
#include "storage/startup_ranges.hpp"
#include "storage/task_keys.hpp"

#include <algorithm>
#include <cstring>

namespace baton::storage {

namespace {
KeyWriter group_prefix(core::NamespaceId ns, core::QueueId queue, std::uint32_t generation,
                       const core::GroupId& group) {
    return KeyWriter(ns, KeyKind::grouped, queue).put(generation).put(group.high).put(group.low);
}
}  // namespace

Key chunk_key(core::NamespaceId ns, core::QueueId log, core::Offset first) {
    return KeyWriter(ns, KeyKind::chunk, log).put(first).key();
}
Key events_key(core::NamespaceId ns, core::QueueId queue, std::uint64_t first_seq) {
    return KeyWriter(ns, KeyKind::events, queue).put(first_seq).key();
}
Key timed_key(core::NamespaceId ns, core::QueueId queue, std::uint32_t generation, core::TimeMs at,
              core::Offset offset) {
    return KeyWriter(ns, KeyKind::timed, queue).put(generation).put_signed(at).put(offset).key();
}
Key failed_key(core::NamespaceId ns, core::QueueId queue, std::uint32_t generation, core::Offset offset) {
    return KeyWriter(ns, KeyKind::failed, queue).put(generation).put(offset).key();
}
Key completed_key(core::NamespaceId ns, core::QueueId queue, std::uint32_t generation, core::Offset offset) {
    return KeyWriter(ns, KeyKind::completed, queue).put(generation).put(offset).key();
}
Key finished_key(core::NamespaceId ns, core::QueueId queue, core::FinishedSet set, std::uint64_t seq,
                 std::uint64_t part) {
    return KeyWriter(ns, KeyKind::finished, queue).put(static_cast<std::uint8_t>(set)).put(seq).put(part).key();
}
Key prioritized_key(core::NamespaceId ns, core::QueueId queue, std::uint32_t generation, const core::LaneKey& key) {
    return KeyWriter(ns, KeyKind::prioritized, queue)
        .put(generation)
        .put_signed(key.rank)
        .put_signed(key.at)
        .put(key.offset)
        .key();
}
Key grouped_key(core::NamespaceId ns, core::QueueId queue, std::uint32_t generation, const core::LaneKey& key) {
    return group_prefix(ns, queue, generation, key.group).put_signed(key.rank).put_signed(key.at).put(key.offset).key();
}
Key group_key(core::NamespaceId ns, core::QueueId queue, const core::GroupId& group) {
    return KeyWriter(ns, KeyKind::group, queue).put(group.high).put(group.low).key();
}
Key lane_key(core::NamespaceId ns, core::QueueId queue, core::Lane lane, std::uint32_t generation,
             const core::LaneKey& key) {
    switch (lane) {
        case core::Lane::failed:
            return failed_key(ns, queue, generation, key.offset);
        case core::Lane::completed:
            return completed_key(ns, queue, generation, key.offset);
        case core::Lane::prioritized:
            return prioritized_key(ns, queue, generation, key);
        case core::Lane::grouped:
            return grouped_key(ns, queue, generation, key);
        case core::Lane::waiting_children:
            return KeyWriter(ns, KeyKind::waiting_children, queue).put(generation).put(key.offset).key();
        case core::Lane::timed:
            break;
    }
    return timed_key(ns, queue, generation, key.at, key.offset);
}
Key ack_page_key(core::NamespaceId ns, core::QueueId queue, std::uint64_t page) {
    return KeyWriter(ns, KeyKind::ack_page, queue).put(page).key();
}
Key lease_key(core::NamespaceId ns, core::QueueId queue, core::BatchNumber batch) {
    return KeyWriter(ns, KeyKind::lease, queue).put(batch).key();
}
Key returned_key(core::NamespaceId ns, core::QueueId queue, core::Offset offset) {
    return KeyWriter(ns, KeyKind::returned, queue).put(offset).key();
}
Key locator_key(core::NamespaceId ns, core::QueueId queue, core::Offset offset) {
    return KeyWriter(ns, KeyKind::locator, queue).put(offset).key();
}
Key expiry_key(core::NamespaceId ns, core::QueueId queue, core::TimeMs at, bool in_lane, core::Offset offset) {
    return KeyWriter(ns, KeyKind::expiry, queue)
        .put_signed(at)
        .put(static_cast<std::uint8_t>(in_lane ? 1 : 0))
        .put(offset)
        .key();
}
Key name_key(core::NamespaceId ns, core::QueueId queue, NameFamily family, std::string_view text) {
    return KeyWriter(ns, static_cast<std::uint8_t>(KeyKind::name))
        .put(static_cast<std::uint8_t>(family))
        .put(core::value(queue))
        .put_text(text)
        .key();
}
Key name_key(core::NamespaceId ns, const core::Name& name) {
    return name_key(ns, name.queue, static_cast<NameFamily>(name.kind), name.text);
}
Key name_end_key(core::NamespaceId ns, core::QueueId queue, core::TimeMs until, std::uint64_t number) {
    return KeyWriter(ns, KeyKind::name_end, queue).put_signed(until).put(number).key();
}
Key producer_key(core::NamespaceId ns, core::QueueId queue, std::uint64_t producer) {
    return KeyWriter(ns, KeyKind::producer, queue).put(producer).key();
}
Key queue_key(core::NamespaceId ns, core::QueueId queue) { return KeyWriter(ns, KeyKind::queue, queue).key(); }
Key queue_state_key(core::NamespaceId ns, core::QueueId queue) {
    return KeyWriter(ns, KeyKind::queue_state, queue).key();
}
Key schedule_key(core::NamespaceId ns, core::ScheduleId schedule, std::uint64_t part) {
    return KeyWriter(ns, KeyKind::schedule, core::QueueId{core::value(schedule)}).put(part).key();
}
Key report_key(core::NamespaceId ns, core::QueueId queue, core::Offset offset, std::uint64_t part) {
    return KeyWriter(ns, KeyKind::report, queue).put(offset).put(part).key();
}
KeyRange reports_range(core::NamespaceId ns, core::QueueId queue, core::Offset first, core::Offset end) {
    return {report_key(ns, queue, first, 0), report_key(ns, queue, end, 0)};
}
Key task_key(core::NamespaceId ns, core::TaskId task) {
    return KeyWriter(ns, KeyKind::task, core::QueueId{core::value(task)}).key();
}
Key namespace_key(core::NamespaceId ns) { return KeyWriter(KeyKind::name_space).put(core::value(ns)).key(); }
Key shard_key() { return KeyWriter(KeyKind::shard).key(); }
Key identity_key() { return KeyWriter(KeyKind::identity).key(); }
Key commit_key() { return KeyWriter(KeyKind::commit).key(); }

KeyRange queue_range(core::NamespaceId ns, core::QueueId queue, KeyKind kind) {
    const KeyWriter prefix(ns, kind, queue);
    return {prefix.key(), KeyWriter(prefix).successor().key()};
}
KeyRange group_range(core::NamespaceId ns, core::QueueId queue, std::uint32_t generation, const core::LaneKey& from) {
    return {grouped_key(ns, queue, generation, from),
            KeyWriter(group_prefix(ns, queue, generation, from.group)).successor().key()};
}
KeyRange name_range(core::NamespaceId ns, core::QueueId queue, NameFamily family) {
    const KeyWriter prefix = KeyWriter(ns, static_cast<std::uint8_t>(KeyKind::name))
                                 .put(static_cast<std::uint8_t>(family))
                                 .put(core::value(queue));
    return {prefix.key(), KeyWriter(prefix).successor().key()};
}
KeyRange lane_range(core::NamespaceId ns, core::QueueId queue, core::Lane lane, std::uint32_t generation) {
    const KeyWriter prefix = KeyWriter(ns, lane_kind(lane), queue).put(generation);
    return {prefix.key(), KeyWriter(prefix).successor().key()};
}
KeyRange lane_range_below(core::NamespaceId ns, core::QueueId queue, core::Lane lane, std::uint32_t generation) {
    return {KeyWriter(ns, lane_kind(lane), queue).key(), KeyWriter(ns, lane_kind(lane), queue).put(generation).key()};
}
std::vector<KeyRange> small_records_ranges(core::NamespaceId ns) {
    std::vector<KeyRange> ranges;
    std::uint8_t from = first_small_record;
    for (const KeyKind read_later :
         {KeyKind::locator, KeyKind::name, KeyKind::name_end, KeyKind::finished, KeyKind::expiry, KeyKind::flow,
          KeyKind::flow_result, KeyKind::flow_member, KeyKind::report, KeyKind::last_of_key}) {
        const auto kind = static_cast<std::uint8_t>(read_later);
        ranges.push_back({KeyWriter(ns, from).key(), KeyWriter(ns, kind).key()});
        from = static_cast<std::uint8_t>(kind + 1);
        if (read_later == KeyKind::name) {
            const KeyWriter parked = KeyWriter(ns, kind).put(static_cast<std::uint8_t>(NameFamily::parked));
            ranges.push_back({parked.key(), KeyWriter(parked).successor().key()});
        }
    }
    ranges.push_back({KeyWriter(ns, from).key(), KeyWriter(ns, std::uint8_t{0xFF}).key()});
    return ranges;
}
KeyRange queues_range(core::NamespaceId ns) {
    const auto kind = static_cast<std::uint8_t>(KeyKind::queue);
    return {KeyWriter(ns, kind).key(), KeyWriter(ns, static_cast<std::uint8_t>(kind + 1)).key()};
}
KeyRange expiries_from(core::NamespaceId ns, core::QueueId queue, core::TimeMs from) {
    return {expiry_key(ns, queue, from, false, 0), queue_range(ns, queue, KeyKind::expiry).end};
}
KeyRange namespaces_from(core::NamespaceId ns) {
    return {KeyWriter(ns, std::uint8_t{0}).key(), KeyWriter(core::NamespaceId{0xFFFFFFFF}, std::uint8_t{0xFF}).key()};
}

KeyKind lane_kind(core::Lane lane) {
    switch (lane) {
        case core::Lane::failed:
            return KeyKind::failed;
        case core::Lane::completed:
            return KeyKind::completed;
        case core::Lane::prioritized:
            return KeyKind::prioritized;
        case core::Lane::grouped:
            return KeyKind::grouped;
        case core::Lane::waiting_children:
            return KeyKind::waiting_children;
        case core::Lane::timed:
            break;
    }
    return KeyKind::timed;
}

}  // namespace baton::storage
