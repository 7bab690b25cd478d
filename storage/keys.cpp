#include "storage/keys.hpp"

#include "storage/expiry_keys.hpp"
#include "storage/finished_keys.hpp"
#include "storage/key_writer.hpp"
#include "storage/report_keys.hpp"
#include "storage/task_keys.hpp"

namespace baton::storage {

namespace {

constexpr std::uint8_t first_small_record = 0x40;

std::uint64_t u64_at(std::string_view key, std::size_t pos) { return get_big_endian<std::uint64_t>(key.data() + pos); }

std::optional<ParsedKey> parse_shard_key(std::string_view key) {
    if (key.size() < 2) {
        return std::nullopt;
    }
    const auto tag = static_cast<std::uint8_t>(key[1]);
    ParsedKey parsed;
    if (tag == shard_tag(KeyKind::name_space) && key.size() == 6) {
        parsed.kind = KeyKind::name_space;
        parsed.ns = core::NamespaceId{get_big_endian<std::uint32_t>(key.data() + 2)};
        return parsed;
    }
    for (const KeyKind kind : {KeyKind::shard, KeyKind::identity, KeyKind::commit}) {
        if (tag == shard_tag(kind) && key.size() == 2) {
            parsed.kind = kind;
            return parsed;
        }
    }
    return std::nullopt;
}

/// Bytes behind the queue id; 0xFF for what is no kind of namespace data.
std::size_t tail_bytes(std::uint8_t kind) {
    switch (kind) {
        case static_cast<std::uint8_t>(KeyKind::timed):
            return 20;
        case static_cast<std::uint8_t>(KeyKind::failed):
        case static_cast<std::uint8_t>(KeyKind::completed):
        case static_cast<std::uint8_t>(KeyKind::waiting_children):
            return 12;
        case static_cast<std::uint8_t>(KeyKind::finished):
            return 17;
        case static_cast<std::uint8_t>(KeyKind::prioritized):
            return 28;
        case static_cast<std::uint8_t>(KeyKind::expiry):
            return 17;
        case static_cast<std::uint8_t>(KeyKind::grouped):
            return 44;
        case static_cast<std::uint8_t>(KeyKind::group):
        case static_cast<std::uint8_t>(KeyKind::report):
        case static_cast<std::uint8_t>(KeyKind::flow):
        case static_cast<std::uint8_t>(KeyKind::flow_result):
        case static_cast<std::uint8_t>(KeyKind::flow_news):
        case static_cast<std::uint8_t>(KeyKind::flow_member):
            return 16;
        case static_cast<std::uint8_t>(KeyKind::chunk):
        case static_cast<std::uint8_t>(KeyKind::events):
        case static_cast<std::uint8_t>(KeyKind::ack_page):
        case static_cast<std::uint8_t>(KeyKind::lease):
        case static_cast<std::uint8_t>(KeyKind::returned):
        case static_cast<std::uint8_t>(KeyKind::producer):
        case static_cast<std::uint8_t>(KeyKind::locator):
        case static_cast<std::uint8_t>(KeyKind::schedule):
            return 8;
        case static_cast<std::uint8_t>(KeyKind::queue):
        case static_cast<std::uint8_t>(KeyKind::queue_state):
        case static_cast<std::uint8_t>(KeyKind::task):
            return 0;
        default:
            return 0xFF;
    }
}

}  // namespace

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
    for (const KeyKind read_later : {KeyKind::locator, KeyKind::finished, KeyKind::expiry, KeyKind::flow,
                                     KeyKind::flow_result, KeyKind::flow_member, KeyKind::report}) {
        const auto kind = static_cast<std::uint8_t>(read_later);
        ranges.push_back({KeyWriter(ns, from).key(), KeyWriter(ns, kind).key()});
        from = static_cast<std::uint8_t>(kind + 1);
    }
    ranges.push_back({KeyWriter(ns, from).key(), KeyWriter(ns, std::uint8_t{0xFF}).key()});
    return ranges;
}
KeyRange expiries_from(core::NamespaceId ns, core::QueueId queue, core::TimeMs from) {
    return {expiry_key(ns, queue, from, false, 0), queue_range(ns, queue, KeyKind::expiry).end};
}
KeyRange namespaces_from(core::NamespaceId ns) {
    return {KeyWriter(ns, std::uint8_t{0}).key(), KeyWriter(core::NamespaceId{0xFFFFFFFF}, std::uint8_t{0xFF}).key()};
}

std::optional<ParsedKey> parse_key(std::string_view key) {
    constexpr std::size_t head_bytes = 14;
    if (!key.empty() && static_cast<std::uint8_t>(key[0]) == shard_data) {
        return parse_shard_key(key);
    }
    if (key.size() < head_bytes || static_cast<std::uint8_t>(key[0]) != namespace_data) {
        return std::nullopt;
    }
    const auto tag = static_cast<std::uint8_t>(key[5]);
    if (key.size() - head_bytes != tail_bytes(tag)) {
        return std::nullopt;
    }
    ParsedKey parsed;
    parsed.kind = static_cast<KeyKind>(tag);
    parsed.ns = core::NamespaceId{get_big_endian<std::uint32_t>(key.data() + 1)};
    parsed.queue = core::QueueId{u64_at(key, 6)};
    if (parsed.kind == KeyKind::finished) {
        parsed.seq = u64_at(key, head_bytes + 1);
    }
    if (parsed.kind == KeyKind::report || (parsed.kind >= KeyKind::flow && parsed.kind <= KeyKind::flow_member)) {
        parsed.seq = u64_at(key, head_bytes);
    }
    if (parsed.kind == KeyKind::timed || parsed.kind == KeyKind::failed || parsed.kind == KeyKind::completed ||
        parsed.kind == KeyKind::prioritized || parsed.kind == KeyKind::waiting_children) {
        parsed.generation = get_big_endian<std::uint32_t>(key.data() + head_bytes);
    }
    if (parsed.kind == KeyKind::timed) {
        parsed.at = static_cast<core::TimeMs>(u64_at(key, head_bytes + 4) ^ sign_bit);
    }
    if (parsed.kind == KeyKind::prioritized) {
        parsed.rank = static_cast<std::int64_t>(u64_at(key, head_bytes + 4) ^ sign_bit);
        parsed.at = static_cast<core::TimeMs>(u64_at(key, head_bytes + 12) ^ sign_bit);
    }
    if (parsed.kind == KeyKind::expiry) {
        parsed.at = static_cast<core::TimeMs>(u64_at(key, head_bytes) ^ sign_bit);
        parsed.generation = static_cast<std::uint8_t>(key[head_bytes + 8]);
    }
    if (parsed.kind == KeyKind::grouped) {
        parsed.group = {u64_at(key, head_bytes + 4), u64_at(key, head_bytes + 12)};
        parsed.rank = static_cast<std::int64_t>(u64_at(key, head_bytes + 20) ^ sign_bit);
        parsed.at = static_cast<core::TimeMs>(u64_at(key, head_bytes + 28) ^ sign_bit);
    }
    if (parsed.kind == KeyKind::group) {
        parsed.group = {u64_at(key, head_bytes), u64_at(key, head_bytes + 8)};
    }
    if (key.size() > head_bytes) {
        parsed.number = u64_at(key, key.size() - 8);
    }
    return parsed;
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
