#include "tests/support/memory_reads.hpp"

#include "tests/support/name_tables.hpp"
#include "tests/support/stored_references.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace baton::tests {

using namespace core;

Tables::LaneKey lane_key(const QueueKey& key, Lane lane, std::uint32_t generation, const core::LaneKey& at) {
    const bool by_offset = lane == Lane::failed || lane == Lane::completed || lane == Lane::waiting_children;
    return {key, lane, generation,
            core::LaneKey{by_offset ? 0 : at.at, at.offset,
                          lane == Lane::prioritized || lane == Lane::grouped ? at.rank : 0,
                          lane == Lane::grouped ? at.group : GroupId{}}};
}

namespace {

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

void add_keys_of(const Tables& tables, const QueueKey& topic, const Chunk& chunk, ChunksRead& found) {
    auto& superseded = found.superseded.emplace_back();
    auto& named = found.last_of_keys.emplace_back();
    for (const auto& [slot, meta] : chunk.metas) {
        const auto last = meta->group ? tables.last_of_keys.find({topic, meta->group->id}) : tables.last_of_keys.end();
        if (last != tables.last_of_keys.end() && last->second >= chunk.first + slot) {
            (last->second == chunk.first + slot ? named : superseded).push_back(slot);
        }
    }
}

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
        found.chunks.push_back(as_stored(tables, key.first, at->second));
        if (wanted.superseded) {
            add_keys_of(tables, key, *at->second, found);
        }
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
        if (record == tables.lanes.end()) {
            record = tables.lanes.find(lane_key(queue, Lane::completed, wanted.completed_generation, {0, offset, 0}));
        }
        if (record != tables.lanes.end()) {
            MessageRecord& copy = found.records.emplace_back(record->second);
            if (wanted.sizes_only && wanted.whole != offset) {
                copy.body.buffer = Buffer{};
            }
        }
    }
    return found;
}

FinishedRead read_finished(const Tables& tables, const ReadFinished& wanted) {
    const QueueKey queue = queue_key(wanted.ns, wanted.id);
    FinishedRead found;
    const auto end = tables.finished.lower_bound({queue, wanted.set, wanted.to_seq});
    for (auto at = tables.finished.lower_bound({queue, wanted.set, wanted.from_seq});
         at != end && found.batches.size() < wanted.max_batches; ++at) {
        found.batches.push_back(at->second);
    }
    for (auto record = tables.lanes.lower_bound({queue, Lane::failed, wanted.parents_in.value_or(0), first_key});
         wanted.parents_in && record != tables.lanes.end() && std::get<0>(record->first) == queue &&
         std::get<1>(record->first) == Lane::failed;
         ++record) {
        if (record->second.meta && record->second.meta->parents) {
            found.parents.emplace(record->second.offset, record->second.meta->parents);
        }
    }
    return found;
}

EventsRead read_events(const Tables& tables, const ReadEvents& wanted) {
    const QueueKey queue = queue_key(wanted.ns, wanted.id);
    EventsRead found;
    for (auto at = tables.events.lower_bound({queue, 0});
         at != tables.events.end() && at->first.first == queue && found.chunks.size() < wanted.max_chunks; ++at) {
        if (at->second->end_seq() > wanted.from) {
            found.chunks.push_back(at->second);
        }
    }
    return found;
}

FlowMembersRead read_flow_members(const Tables& tables, const ReadFlowMembers& wanted) {
    const QueueKey queue = queue_key(wanted.ns, wanted.queue);
    FlowMembersRead found;
    auto at = tables.flow_members.upper_bound({queue, wanted.after});
    const auto more = [&] { return at != tables.flow_members.end() && at->first == queue; };
    for (; more() && found.flows.size() < wanted.max_flows; ++at) {
        found.flows.push_back(at->second);
    }
    found.at_end = !more();
    return found;
}

FlowRead read_flow(const Tables& tables, const ReadFlow& wanted) {
    const QueueKey queue = queue_key(wanted.ns, wanted.flow.queue);
    FlowRead found;
    for (auto at = tables.flows.lower_bound({queue, wanted.flow.parent, 0});
         at != tables.flows.end() && at->second.flow == wanted.flow; ++at) {
        if (at->second.page == 0) {
            found.head = at->second.head;
        }
        found.children.insert(found.children.end(), at->second.children.begin(), at->second.children.end());
    }
    const auto parent =
        tables.lanes.find(lane_key(queue, Lane::waiting_children, wanted.lane_generation, {0, wanted.flow.parent, 0}));
    if (parent != tables.lanes.end()) {
        found.parent = parent->second;
    }
    for (const std::uint32_t index : wanted.results) {
        const auto result = tables.flow_results.find({queue, wanted.flow.parent, index});
        if (result != tables.flow_results.end()) {
            found.results.emplace(index, result->second.result);
        }
    }
    return found;
}

LaneRead read_newest(const Tables& tables, const ReadNewest& wanted) {
    const QueueKey queue = queue_key(wanted.ns, wanted.id);
    const auto first = tables.finished.lower_bound({queue, FinishedSet::completed, wanted.head});
    LaneRead found;
    bool behind = !wanted.behind_offset;
    for (auto batch = tables.finished.lower_bound({queue, FinishedSet::completed, wanted.from_seq + 1});
         batch != first;) {
        --batch;
        behind = behind || batch->second.seq != wanted.from_seq;
        for (auto range = batch->second.ranges.rbegin(); range != batch->second.ranges.rend(); ++range) {
            for (Offset offset = range->first + range->count; offset-- > range->first;) {
                if (!behind) {
                    behind = offset == wanted.offset;
                    continue;
                }
                if (found.records.size() == wanted.max_records) {
                    return found;
                }
                const auto record =
                    tables.lanes.find(lane_key(queue, Lane::completed, wanted.generation, {0, offset, 0}));
                if (record != tables.lanes.end() && record->second.finished_seq == batch->second.seq) {
                    found.records.push_back(record->second);
                }
            }
        }
    }
    found.at_end = true;
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
        const std::uint64_t size = at->second.body.count == 0 ? 0 : at->second.body.bytes().size();
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
        } else {
            const ChunkPtr chunk = chunk_with(tables, key, where.offset);
            entry.chunk = chunk ? as_stored(tables, key.first, chunk) : nullptr;
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

ReportedRead read_reported(const Tables& tables, const ReadReported& wanted) {
    const QueueKey queue = queue_key(wanted.ns, wanted.id);
    ReportedRead found;
    auto at = tables.reports.lower_bound({queue, wanted.from});
    const auto more = [&] { return at != tables.reports.end() && at->first.first == queue; };
    for (; more() && found.jobs.size() < wanted.max_jobs; ++at) {
        const Offset offset = at->first.second;
        const bool has_record =
            tables.locators.contains({queue, offset}) ||
            tables.lanes.contains(lane_key(queue, Lane::failed, wanted.failed_generation, {0, offset, 0})) ||
            tables.lanes.contains(lane_key(queue, Lane::completed, wanted.completed_generation, {0, offset, 0}));
        found.jobs.push_back({offset, has_record});
    }
    found.at_end = !more();
    return found;
}

}  // namespace

ReadAnswer read_tables(const Tables& tables, const ReadRequest& request) {
    ReadAnswer answer;
    answer.ticket = request.ticket;
    if (const auto* chunks = std::get_if<ReadChunks>(&request.what)) {
        answer.found = read_chunks(tables, *chunks);
    } else if (const auto* jobs = std::get_if<ReadJobs>(&request.what)) {
        answer.found = read_jobs(tables, *jobs);
    } else if (const auto* groups = std::get_if<ReadGroups>(&request.what)) {
        answer.found = read_groups(tables, *groups);
    } else if (const auto* zone = std::get_if<ReadZone>(&request.what)) {
        answer.found = read_zone(*zone);
    } else if (const auto* expiring = std::get_if<ReadExpiring>(&request.what)) {
        answer.found = read_expiring(tables, *expiring);
    } else if (const auto* names = std::get_if<ReadNames>(&request.what)) {
        answer.found = read_names(tables, *names);
    } else if (const auto* ends = std::get_if<ReadNameEnds>(&request.what)) {
        answer.found = read_name_ends(tables, *ends);
    } else if (const auto* finished = std::get_if<ReadFinished>(&request.what)) {
        answer.found = read_finished(tables, *finished);
    } else if (const auto* events = std::get_if<ReadEvents>(&request.what)) {
        answer.found = read_events(tables, *events);
    } else if (const auto* report = std::get_if<ReadReport>(&request.what)) {
        const auto known = tables.reports.find({queue_key(report->ns, report->id), report->offset});
        answer.found = known == tables.reports.end() ? ReportRead{} : known->second;
    } else if (const auto* reported = std::get_if<ReadReported>(&request.what)) {
        answer.found = read_reported(tables, *reported);
    } else if (const auto* members = std::get_if<ReadFlowMembers>(&request.what)) {
        answer.found = read_flow_members(tables, *members);
    } else if (const auto* flow = std::get_if<ReadFlow>(&request.what)) {
        answer.found = read_flow(tables, *flow);
    } else if (const auto* newest = std::get_if<ReadNewest>(&request.what)) {
        answer.found = read_newest(tables, *newest);
    } else {
        answer.found = read_lane(tables, std::get<ReadLane>(request.what));
    }
    return answer;
}

}  // namespace baton::tests
