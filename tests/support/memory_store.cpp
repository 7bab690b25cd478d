#include "tests/support/memory_store.hpp"

#include "tests/support/memory_reads.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <variant>

namespace baton::tests {

namespace {

using namespace core;

constexpr std::uint64_t last = std::numeric_limits<std::uint64_t>::max();

/// Erases the records of one queue from a table keyed by (queue, number).
template <typename Table>
void erase_queue(Table& table, const QueueKey& key) {
    table.erase(table.lower_bound({key, 0}), table.upper_bound({key, last}));
}

void sweep_expiries(Tables& tables, const QueueKey& key) {
    std::erase_if(tables.expiries, [&](const auto& entry) { return std::get<0>(entry.first) == key; });
}

/// The flows of parents [first, first + count).
void erase_flows(Tables& tables, const QueueKey& key, const OffsetRange& parents, bool paged) {
    const auto erase = [&](auto& table) {
        table.erase(table.lower_bound({key, parents.first, 0}),
                    table.lower_bound({key, parents.first + parents.count, 0}));
    };
    if (paged) {
        erase(tables.flows);
        erase(tables.flow_results);
        return;
    }
    for (std::uint32_t i = 0; i < parents.count; ++i) {
        tables.flows.erase({key, parents.first + i, 0});
    }
}

void sweep_flows(Tables& tables, const QueueKey& key) {
    const auto of_queue = [&](const auto& entry) { return std::get<0>(entry.first) == key; };
    std::erase_if(tables.flows, of_queue);
    std::erase_if(tables.flow_results, of_queue);
    std::erase_if(tables.flow_news, of_queue);
}

void sweep_queue(Tables& tables, const QueueKey& key) {
    tables.minutes.erase(key);
    erase_queue(tables.bindings, key);
    erase_queue(tables.fills, key);
    std::erase_if(tables.last_of_keys, [&](const auto& entry) { return entry.first.first == key; });
    erase_queue(tables.pages, key);
    erase_queue(tables.chunks, key);
    erase_queue(tables.leases, key);
    erase_queue(tables.returned, key);
    erase_queue(tables.producers, key);
    erase_queue(tables.locators, key);
    sweep_expiries(tables, key);
    std::erase_if(tables.groups, [&](const auto& entry) { return entry.first.first == key; });
    sweep_flows(tables, key);
    erase_queue(tables.events, key);
    erase_queue(tables.reports, key);
    std::erase_if(tables.names, [&](const auto& one) { return value(one.first.queue) == key.second; });
    std::erase_if(tables.name_ends, [&](const auto& one) { return std::get<0>(one.first) == key; });
    std::erase_if(tables.parked, [&](const auto& one) { return one.first.first == key; });
    const auto first = tables.lanes.lower_bound({key, Lane{0}, 0, first_key});
    auto end = first;
    while (end != tables.lanes.end() && std::get<0>(end->first) == key) {
        ++end;
    }
    tables.lanes.erase(first, end);
    tables.finished.erase(tables.finished.lower_bound({key, FinishedSet{0}, 0}),
                          tables.finished.lower_bound({key, FinishedSet{255}, 0}));
}

void sweep_lane(Tables& tables, const SweepLane& sweep) {
    const QueueKey key = queue_key(sweep.ns, sweep.id);
    tables.lanes.erase(tables.lanes.lower_bound({key, sweep.lane, 0, first_key}),
                       tables.lanes.lower_bound({key, sweep.lane, sweep.generation_below, first_key}));
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
    void operator()(const PutCompleted& put) const {
        for (std::uint32_t i = 0; i < put.count; ++i) {
            MessageRecord record;
            record.offset = put.first + i;
            record.lane = Lane::completed;
            record.stored_at = put.stored_at;
            record.ready_at = put.ready_at;
            record.at = put.finished_at;
            record.meta = put.meta;
            record.completion = put.completion;
            record.finished_seq = put.finished_seq;
            record.body = put.bodies.count == 0 ? EntryRun{} : put.bodies.slice(i, 1);
            const QueueKey queue = queue_key(put.ns, put.id);
            tables.lanes[lane_key(queue, Lane::completed, put.generation, {0, record.offset, 0})] = std::move(record);
        }
    }
    void operator()(const PutFinished& put) const {
        tables.finished[{queue_key(put.ns, put.id), put.set, put.batch.seq}] = put.batch;
    }
    void operator()(const PutFinishedGone& put) const {
        std::vector<Offset>& gone = tables.finished.at({queue_key(put.ns, put.id), put.set, put.seq}).gone;
        gone.insert(std::upper_bound(gone.begin(), gone.end(), put.offset), put.offset);
    }
    void operator()(const TrimFinished& trim) const {
        const QueueKey queue = queue_key(trim.ns, trim.id);
        const Lane lane = trim.set == FinishedSet::completed ? Lane::completed : Lane::failed;
        for (const OffsetRange& range : trim.records) {
            for (std::uint32_t i = 0; i < range.count; ++i) {
                tables.lanes.erase(lane_key(queue, lane, trim.generation, {0, range.first + i, 0}));
            }
        }
        tables.finished.erase(tables.finished.lower_bound({queue, trim.set, trim.from_seq}),
                              tables.finished.lower_bound({queue, trim.set, trim.to_seq}));
    }
    void operator()(const PutEvents& put) const {
        tables.events[{queue_key(put.ns, put.id), put.chunk->first_seq}] = put.chunk;
    }
    void operator()(const TrimEventChunks& trim) const {
        const QueueKey queue = queue_key(trim.ns, trim.id);
        tables.events.erase(tables.events.lower_bound({queue, trim.from}), tables.events.lower_bound({queue, trim.to}));
    }
    void operator()(const PutJobMinutes& put) const { tables.minutes[queue_key(put.ns, put.id)] = put; }
    void operator()(const PutBinding& put) const {
        tables.bindings[{queue_key(put.ns, put.queue), value(put.id)}] = put;
    }
    void operator()(const RemoveBinding& gone) const {
        tables.bindings.erase({queue_key(gone.ns, gone.queue), value(gone.id)});
    }
    void operator()(const PutFill& put) const { tables.fills[{queue_key(put.ns, put.id), value(put.topic)}] = put; }
    void operator()(const RemoveFill& gone) const {
        tables.fills.erase({queue_key(gone.ns, gone.id), value(gone.topic)});
    }
    void operator()(const PutLastOfKey& put) const {
        tables.last_of_keys[{queue_key(put.ns, put.id), put.key}] = put.offset;
    }
    void operator()(const RemoveLastOfKey& gone) const {
        const auto found = tables.last_of_keys.find({queue_key(gone.ns, gone.id), gone.key});
        if (found != tables.last_of_keys.end() && found->second == gone.offset) {
            tables.last_of_keys.erase(found);
        }
    }
    void operator()(const PutTask& put) const { tables.tasks[{value(put.ns), value(put.id)}] = put; }
    void operator()(const RemoveTask& gone) const { tables.tasks.erase({value(gone.ns), value(gone.id)}); }
    void operator()(const PutProgress& put) const {
        tables.reports[{queue_key(put.ns, put.id), put.offset}].progress = put.progress;
    }
    void operator()(const PutLogPart& put) const {
        tables.reports[{queue_key(put.ns, put.id), put.offset}].parts.push_back(put.part);
    }
    void operator()(const PutLogBounds& put) const {
        ReportRead& report = tables.reports[{queue_key(put.ns, put.id), put.offset}];
        report.first_line = put.first_line;
        report.next_line = put.next_line;
    }
    void operator()(const RemoveLogPart& gone) const {
        std::erase_if(tables.reports[{queue_key(gone.ns, gone.id), gone.offset}].parts,
                      [&](const LogPart& part) { return part.first_line == gone.first_line; });
    }
    void operator()(const RemoveReports& gone) const {
        const QueueKey queue = queue_key(gone.ns, gone.id);
        tables.reports.erase(tables.reports.lower_bound({queue, gone.jobs.first}),
                             tables.reports.lower_bound({queue, gone.jobs.first + gone.jobs.count}));
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
    void operator()(const PutName& put) const { tables.names[put.name] = put; }
    void operator()(const RemoveName& remove) const { tables.names.erase(remove.name); }
    void operator()(const PutNameEnd& put) const {
        tables.name_ends[{queue_key(put.ns, put.end.name.queue), put.end.until, put.end.number}] = put.end;
    }
    void operator()(const RemoveNameEnd& remove) const {
        tables.name_ends.erase({queue_key(remove.ns, remove.id), remove.until, remove.number});
    }
    void operator()(const PutParked& put) const { tables.parked[{queue_key(put.ns, put.id), put.key}] = put; }
    void operator()(const RemoveParked& remove) const {
        tables.parked.erase({queue_key(remove.ns, remove.id), remove.key});
    }
    void operator()(const PutLease& put) const { tables.leases[{queue_key(put.ns, put.id), put.batch}] = put; }
    void operator()(const RemoveLease& remove) const {
        tables.leases.erase({queue_key(remove.ns, remove.id), remove.batch});
    }
    void operator()(const PutGroup& put) const { tables.groups[{queue_key(put.ns, put.id), put.group}] = put; }
    void operator()(const RemoveGroup& remove) const {
        tables.groups.erase({queue_key(remove.ns, remove.id), remove.group});
    }
    void operator()(const PutFlow& put) const {
        tables.flows[{queue_key(put.ns, put.flow.queue), put.flow.parent, put.page}] = put;
    }
    void operator()(const PutFlowResult& put) const {
        tables.flow_results[{queue_key(put.ns, put.child.flow.queue), put.child.flow.parent, put.child.index}] = put;
    }
    void operator()(const RemoveFlows& remove) const {
        for (const OffsetRange& parents : remove.parents) {
            erase_flows(tables, queue_key(remove.ns, remove.queue), parents, remove.paged);
        }
    }
    void operator()(const PutFlowNews& put) const {
        tables.flow_news[{queue_key(put.ns, put.child.flow.queue), put.child.flow.parent, put.number}] = put;
    }
    void operator()(const RemoveFlowNews& remove) const {
        tables.flow_news.erase({queue_key(remove.ns, remove.flow.queue), remove.flow.parent, remove.number});
    }
    void operator()(const PutFlowMember& put) const {
        tables.flow_members.emplace(queue_key(put.ns, put.queue), put.flow);
    }
    void operator()(const RemoveFlowMember& remove) const {
        tables.flow_members.erase({queue_key(remove.ns, remove.queue), remove.flow});
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

ReadAnswer MemoryStore::read(const ReadRequest& request) const { return read_tables(visible_, request); }

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
    hand_out(visible_.tasks, each);
    hand_out(visible_.minutes, each);
    hand_out(visible_.bindings, each);
    hand_out(visible_.fills, each);
    hand_out(visible_.parked, each);
    hand_out(visible_.flow_news, each);
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
