#include "tests/support/memory_store.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <variant>

namespace baton::tests {

namespace {

using namespace core;

constexpr std::uint64_t last = std::numeric_limits<std::uint64_t>::max();

template <typename Id>
QueueKey queue_key(NamespaceId ns, Id id) {
    return {value(ns), value(id)};
}

/// Erases the records of one queue from a table keyed by (queue, number).
template <typename Table>
void erase_queue(Table& table, const QueueKey& key) {
    table.erase(table.lower_bound({key, 0}), table.upper_bound({key, last}));
}

constexpr core::LaneKey first_key{std::numeric_limits<TimeMs>::min(), 0, std::numeric_limits<std::int64_t>::min()};

Tables::LaneKey lane_key(const QueueKey& key, Lane lane, std::uint32_t generation, const core::LaneKey& at) {
    return {key, lane, generation,
            core::LaneKey{lane == Lane::failed ? 0 : at.at, at.offset,
                          lane == Lane::prioritized || lane == Lane::grouped ? at.rank : 0,
                          lane == Lane::grouped ? at.group : GroupId{}}};
}

void sweep_expiries(Tables& tables, const QueueKey& key) {
    std::erase_if(tables.expiries, [&](const auto& entry) { return std::get<0>(entry.first) == key; });
}

void sweep_queue(Tables& tables, const QueueKey& key) {
    erase_queue(tables.pages, key);
    erase_queue(tables.chunks, key);
    erase_queue(tables.leases, key);
    erase_queue(tables.returned, key);
    erase_queue(tables.producers, key);
    erase_queue(tables.locators, key);
    sweep_expiries(tables, key);
    std::erase_if(tables.groups, [&](const auto& entry) { return entry.first.first == key; });
    const auto first = tables.lanes.lower_bound({key, Lane{0}, 0, first_key});
    auto end = first;
    while (end != tables.lanes.end() && std::get<0>(end->first) == key) {
        ++end;
    }
    tables.lanes.erase(first, end);
}

void sweep_lane(Tables& tables, const SweepLane& sweep) {
    const QueueKey key = queue_key(sweep.ns, sweep.id);
    tables.lanes.erase(tables.lanes.lower_bound({key, sweep.lane, 0, first_key}),
                       tables.lanes.lower_bound({key, sweep.lane, sweep.generation_below, first_key}));
}

/// Two zones that tests know by heart: an hour forward on the last Sunday of March and back on that of October, and one
/// without changes.
ZoneRead read_zone(const ReadZone& wanted) {
    constexpr TimeMs hour_ms = 3'600'000, day_ms = 24 * hour_ms;
    ZoneSpan span{wanted.from, wanted.until, 3'600, {}};
    if (wanted.name == "Asia/Kolkata") {
        span.offset_s = 19'800;
        return {span};
    }
    if (wanted.name != "Europe/Berlin") {
        return {};
    }
    // 2023-03-26 01:00 UTC and 2023-10-29 01:00 UTC; the same days of the week come back after 28 years.
    for (TimeMs year = 2020; year < 2060; ++year) {
        const TimeMs march_31 = ((year - 1970) * 365 + (year - 1969) / 4 + 89 + (year % 4 == 0 ? 1 : 0)) * day_ms;
        const auto last_sunday = [](TimeMs day) { return day - (day / day_ms + 4) % 7 * day_ms + hour_ms; };
        for (const auto& [at, offset_s] :
             {std::pair{last_sunday(march_31), 7'200}, std::pair{last_sunday(march_31 + 214 * day_ms), 3'600}}) {
            if (at <= wanted.from) {
                span.offset_s = offset_s;
            } else if (at < wanted.until) {
                span.changes.push_back({at, offset_s});
            }
        }
    }
    return {span};
}

struct Apply {
    Tables& tables;

    void operator()(const PutShard& put) const { tables.shard = put; }
    void operator()(const PutNamespace& put) const { tables.namespaces[value(put.id)] = put; }
    void operator()(const PutQueue& put) const { tables.queues[queue_key(put.ns, put.id)] = put; }
    void operator()(const RemoveQueue& remove) const {
        tables.queues.erase(queue_key(remove.ns, remove.id));
        tables.states.erase(queue_key(remove.ns, remove.id));
    }
    void operator()(const SweepQueue& sweep) const { sweep_queue(tables, queue_key(sweep.ns, sweep.id)); }
    void operator()(const SweepLane& sweep) const { sweep_lane(tables, sweep); }
    void operator()(const PutQueueState& put) const { tables.states[queue_key(put.ns, put.id)] = put; }
    void operator()(const PutAckPage& put) const { tables.pages[{queue_key(put.ns, put.id), put.page}] = put; }
    void operator()(const RemoveAckPage& remove) const {
        tables.pages.erase({queue_key(remove.ns, remove.id), remove.page});
    }
    void operator()(const PutChunk& put) const {
        tables.chunks[{queue_key(put.ns, put.chunk->log), put.chunk->first}] = put.chunk;
    }
    void operator()(const RemoveChunk& remove) const {
        tables.chunks.erase({queue_key(remove.ns, remove.log), remove.first});
    }
    void operator()(const RemoveChunks& remove) const {
        const QueueKey key = queue_key(remove.ns, remove.log);
        tables.chunks.erase(tables.chunks.lower_bound({key, remove.from}), tables.chunks.lower_bound({key, remove.to}));
    }
    void operator()(const PutLaneRecord& put) const {
        if (!put.record.body.index || put.record.body.count != 1) {
            throw std::logic_error("a lane record has exactly one body");
        }
        tables.lanes[lane_key(queue_key(put.ns, put.id), put.lane, put.generation, key_of(put.lane, put.record))] =
            put.record;
    }
    void operator()(const RemoveLaneRecord& remove) const {
        tables.lanes.erase(lane_key(queue_key(remove.ns, remove.id), remove.lane, remove.generation,
                                    {remove.at, remove.offset, remove.rank, remove.group}));
    }
    void operator()(const PutLocator& put) const { tables.locators[{queue_key(put.ns, put.id), put.offset}] = put; }
    void operator()(const RemoveLocator& remove) const {
        tables.locators.erase({queue_key(remove.ns, remove.id), remove.offset});
    }
    void operator()(const SweepLocators& sweep) const { erase_queue(tables.locators, queue_key(sweep.ns, sweep.id)); }
    void operator()(const PutExpiry& put) const {
        tables.expiries[{queue_key(put.ns, put.id), put.at, put.in_lane, put.offset}] = put;
    }
    void operator()(const RemoveExpiry& remove) const {
        tables.expiries.erase({queue_key(remove.ns, remove.id), remove.at, remove.in_lane, remove.offset});
    }
    void operator()(const SweepExpiries& sweep) const { sweep_expiries(tables, queue_key(sweep.ns, sweep.id)); }
    void operator()(const PutLease& put) const { tables.leases[{queue_key(put.ns, put.id), put.batch}] = put; }
    void operator()(const RemoveLease& remove) const {
        tables.leases.erase({queue_key(remove.ns, remove.id), remove.batch});
    }
    void operator()(const PutGroup& put) const { tables.groups[{queue_key(put.ns, put.id), put.group}] = put; }
    void operator()(const RemoveGroup& remove) const {
        tables.groups.erase({queue_key(remove.ns, remove.id), remove.group});
    }
    void operator()(const PutSchedule& put) const { tables.schedules[{value(put.ns), value(put.id)}] = put; }
    void operator()(const PutScheduleProgress& put) const {
        tables.schedule_progress[{value(put.ns), value(put.id)}] = put;
    }
    void operator()(const RemoveSchedule& remove) const {
        tables.schedules.erase({value(remove.ns), value(remove.id)});
        tables.schedule_progress.erase({value(remove.ns), value(remove.id)});
    }
    void operator()(const PutReturned& put) const { tables.returned[{queue_key(put.ns, put.id), put.offset}] = put; }
    void operator()(const RemoveReturned& remove) const {
        tables.returned.erase({queue_key(remove.ns, remove.id), remove.offset});
    }
    void operator()(const PutProducer& put) const { tables.producers[{queue_key(put.ns, put.id), put.producer}] = put; }
    void operator()(const RemoveProducer& remove) const {
        tables.producers.erase({queue_key(remove.ns, remove.id), remove.producer});
    }
};

ChunksRead read_chunks(const Tables& tables, const ReadChunks& wanted) {
    const QueueKey key = queue_key(wanted.ns, wanted.log);
    auto at = tables.chunks.upper_bound({key, wanted.from});
    if (at != tables.chunks.begin()) {
        const auto before = std::prev(at);
        if (before->first.first == key && before->second->contains(wanted.from)) {
            at = before;
        }
    }
    ChunksRead found;
    std::uint64_t bytes = 0;
    const auto more = [&] { return at != tables.chunks.end() && at->first.first == key; };
    while (more() && found.chunks.size() < wanted.max_chunks &&
           (found.chunks.empty() || bytes + at->second->bytes <= wanted.max_bytes)) {
        bytes += at->second->bytes;
        found.chunks.push_back(at->second);
        ++at;
    }
    found.at_end = !more();
    return found;
}

LaneRead read_backwards(const Tables& tables, const ReadLane& wanted,
                        std::map<Tables::LaneKey, MessageRecord>::const_iterator at) {
    LaneRead found;
    const auto first =
        tables.lanes.lower_bound({queue_key(wanted.ns, wanted.id), wanted.lane, wanted.generation, first_key});
    while (at != first && found.records.size() < wanted.max_records) {
        found.records.push_back((--at)->second);
    }
    found.at_end = at == first;
    return found;
}

LaneRead read_jobs(const Tables& tables, const ReadJobs& wanted) {
    const QueueKey queue = queue_key(wanted.ns, wanted.id);
    LaneRead found;
    found.at_end = true;
    for (const Offset offset : wanted.offsets) {
        auto record = tables.lanes.end();
        if (const auto where = tables.locators.find({queue, offset}); where != tables.locators.end()) {
            const PutLocator& to = where->second;
            record =
                tables.lanes.find(lane_key(queue, to.lane, wanted.lane_generation, {to.at, offset, to.rank, to.group}));
        }
        if (record == tables.lanes.end()) {
            record = tables.lanes.find(lane_key(queue, Lane::failed, wanted.failed_generation, {0, offset, 0}));
        }
        if (record != tables.lanes.end()) {
            found.records.push_back(record->second);
        }
    }
    return found;
}

LaneRead read_lane(const Tables& tables, const ReadLane& wanted) {
    const QueueKey key = queue_key(wanted.ns, wanted.id);
    auto at =
        tables.lanes.lower_bound(lane_key(key, wanted.lane, wanted.generation,
                                          {wanted.from_at, wanted.from_offset, wanted.from_rank, wanted.from_group}));
    if (wanted.backwards) {
        return read_backwards(tables, wanted, at);
    }
    LaneRead found;
    std::uint64_t bytes = 0;
    const auto more = [&] {
        return at != tables.lanes.end() && std::get<0>(at->first) == key && std::get<1>(at->first) == wanted.lane &&
               std::get<2>(at->first) == wanted.generation;
    };
    while (more() && found.records.size() < wanted.max_records) {
        const std::uint64_t size = at->second.body.bytes().size();
        if (!found.records.empty() && bytes + size > wanted.max_bytes) {
            break;
        }
        bytes += size;
        found.records.push_back(at->second);
        ++at;
    }
    found.at_end = !more();
    return found;
}

ExpiringRead read_expiring(const Tables& tables, const ReadExpiring& wanted) {
    const QueueKey key = queue_key(wanted.ns, wanted.id);
    ExpiringRead found;
    for (auto at = tables.expiries.lower_bound({key, wanted.from, false, 0});
         at != tables.expiries.end() && std::get<0>(at->first) == key; ++at) {
        const PutExpiry& where = at->second;
        if (where.at > wanted.until || found.entries.size() >= wanted.max_entries) {
            found.next_at = where.at;
            break;
        }
        ExpiringRead::Entry& entry = found.entries.emplace_back();
        entry.at = where.at;
        entry.offset = where.offset;
        entry.in_lane = where.in_lane;
        if (where.in_lane) {
            const auto record =
                tables.lanes.find(lane_key(key, where.lane, wanted.lane_generation,
                                           {where.lane_at, where.offset, where.lane_rank, where.lane_group}));
            if (record != tables.lanes.end()) {
                entry.record = record->second;
            }
        } else if (const auto chunk = tables.chunks.find({key, where.offset}); chunk != tables.chunks.end()) {
            entry.chunk = chunk->second;
        }
    }
    return found;
}

GroupsRead read_groups(const Tables& tables, const ReadGroups& wanted) {
    const QueueKey key = queue_key(wanted.ns, wanted.id);
    const auto from = [&](const core::LaneKey& at) {
        return tables.lanes.lower_bound(lane_key(key, Lane::grouped, wanted.generation, at));
    };
    const auto in_lane = [&](auto at) {
        return at != tables.lanes.end() && std::get<0>(at->first) == key && std::get<1>(at->first) == Lane::grouped &&
               std::get<2>(at->first) == wanted.generation;
    };
    const auto behind = [&](const GroupId& group) { return from({INT64_MAX, UINT64_MAX, INT64_MAX, group}); };
    GroupsRead found;
    const auto take = [&](auto at, const GroupId& group) {
        GroupsRead::Heads heads;
        heads.id = group;
        const std::uint32_t most = wanted.count_max != 0 ? wanted.count_max : wanted.wanted.max_records;
        const auto more = [&] { return in_lane(at) && std::get<3>(at->first).group == group; };
        for (; more() && heads.counted < most; ++at) {
            heads.counted += 1;
            if (heads.records.size() < wanted.wanted.max_records) {
                heads.records.push_back(at->second);
            }
        }
        heads.at_end = !more();
        found.groups.push_back(std::move(heads));
    };
    for (const core::LaneKey& named : wanted.wanted.from) {
        take(from(named), named.group);
    }
    if (!wanted.wanted.from.empty()) {
        return found;
    }
    auto at = wanted.wanted.after ? behind(*wanted.wanted.after) : from(first_key);
    while (in_lane(at) && found.groups.size() < wanted.wanted.max_groups) {
        const GroupId group = std::get<3>(at->first).group;
        take(at, group);
        at = behind(group);
    }
    found.at_end = !in_lane(at);
    return found;
}

template <typename Table>
void hand_out(const Table& table, const std::function<void(Mutation&&)>& each) {
    for (const auto& [key, record] : table) {
        each(Mutation(record));
    }
}

}  // namespace

void Tables::apply(const Mutation& mutation) { std::visit(Apply{*this}, mutation); }

void MemoryStore::commit(std::vector<Mutation>&& mutations, bool synced) {
    commits_ += 1;
    for (const Mutation& mutation : mutations) {
        visible_.apply(mutation);
    }
    tail_.push_back(std::move(mutations));
    if (!synced) {
        return;
    }
    for (const auto& batch : tail_) {
        for (const Mutation& mutation : batch) {
            synced_.apply(mutation);
        }
    }
    tail_.clear();
}

ReadAnswer MemoryStore::read(const ReadRequest& request) const {
    ReadAnswer answer;
    answer.ticket = request.ticket;
    if (const auto* chunks = std::get_if<ReadChunks>(&request.what)) {
        answer.found = read_chunks(visible_, *chunks);
    } else if (const auto* jobs = std::get_if<ReadJobs>(&request.what)) {
        answer.found = read_jobs(visible_, *jobs);
    } else if (const auto* groups = std::get_if<ReadGroups>(&request.what)) {
        answer.found = read_groups(visible_, *groups);
    } else if (const auto* zone = std::get_if<ReadZone>(&request.what)) {
        answer.found = read_zone(*zone);
    } else if (const auto* expiring = std::get_if<ReadExpiring>(&request.what)) {
        answer.found = read_expiring(visible_, *expiring);
    } else {
        answer.found = read_lane(visible_, std::get<ReadLane>(request.what));
    }
    return answer;
}

void MemoryStore::load(const std::function<void(Mutation&&)>& each) const {
    if (visible_.shard) {
        each(Mutation(*visible_.shard));
    }
    hand_out(visible_.namespaces, each);
    hand_out(visible_.queues, each);
    hand_out(visible_.states, each);
    hand_out(visible_.pages, each);
    hand_out(visible_.leases, each);
    hand_out(visible_.returned, each);
    hand_out(visible_.producers, each);
    hand_out(visible_.groups, each);
    hand_out(visible_.schedules, each);
    hand_out(visible_.schedule_progress, each);
}

std::size_t MemoryStore::crash(std::size_t survivors) {
    const std::size_t kept = std::min(survivors, tail_.size());
    const std::size_t lost = tail_.size() - kept;
    for (std::size_t i = 0; i < kept; ++i) {
        for (const Mutation& mutation : tail_[i]) {
            synced_.apply(mutation);
        }
    }
    tail_.clear();
    if (lost != 0) {
        visible_ = synced_;
    }
    return lost;
}

}  // namespace baton::tests
