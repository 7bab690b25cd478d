#include "server/core/completed_set.hpp"

#include "server/core/finished_log.hpp"
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace baton::core {

namespace {

std::size_t result_bytes(const CompletionPtr& completion) {
    const JobResultPtr& result = completion->result;
    return result ? result->value.size() + result->content_type.size() : 0;
}

/// One mutation for messages that agree in all but their bodies.
void put(State& state, Queue& queue, PutCompleted&& completed, Round& round) {
    completed.ns = queue.ns;
    completed.id = queue.id;
    completed.generation = queue.completed_generation;
    const auto taken = static_cast<std::uint32_t>(completed_record_bytes + result_bytes(completed.completion));
    const bool kept = completed.bodies.count != 0;
    std::uint32_t done = 0;
    while (done < completed.count) {
        // A batch of the log may fill up in between: its number is part of the records.
        const auto room = static_cast<std::uint32_t>(limits::finished_batch_max - queue.completed.open.sizes.size());
        PutCompleted part = completed;
        part.first = completed.first + done;
        part.count = std::min(completed.count - done, room);
        part.finished_seq = queue.completed.counts.next;
        if (kept) {
            part.bodies = completed.bodies.slice(done, part.count);
        }
        for (std::uint32_t i = 0; i < part.count; ++i) {
            const std::uint32_t size = taken + (kept ? part.bodies.size_of(i) : 0);
            add_finished(state, queue, FinishedSet::completed, part.first + i, size, completed.finished_at, round);
            round.bytes += size;
        }
        done += part.count;
        round.mutations.push_back(std::move(part));
    }
}

/// Messages of one chunk, or of one that is not in memory: those with a body to keep and those without in turn.
void put_bodies(State& state, Queue& queue, PutCompleted common, const std::vector<EntryRun>& runs, Round& round) {
    const std::uint32_t most = queue.settings.completed_payload_bytes;
    for (const EntryRun& run : runs) {
        for (std::uint32_t from = 0; from < run.count;) {
            const bool kept = run.size_of(from) <= most;
            std::uint32_t to = from + 1;
            while (to < run.count && (run.size_of(to) <= most) == kept) {
                ++to;
            }
            PutCompleted part = common;
            part.count = to - from;
            part.bodies = kept ? run.slice(from, part.count) : EntryRun{};
            put(state, queue, std::move(part), round);
            common.first += to - from;
            from = to;
        }
    }
}

/// One message with a record or a history of its own.
void put_one(State& state, Queue& queue, const MessageRecord& record, CompletionPtr completion, TimeMs now,
             Round& round) {
    PutCompleted one;
    one.first = record.offset;
    one.count = 1;
    one.stored_at = record.stored_at;
    one.ready_at = record.ready_at;
    one.finished_at = now;
    one.meta = record.meta;
    one.completion = std::move(completion);
    if (record.body.count == 1 && record.body.index) {
        put_bodies(state, queue, std::move(one), {record.body}, round);
    } else {
        put(state, queue, std::move(one), round);
    }
}

MetaPtr with_history(const MetaPtr& meta, const LeasedDetail& detail) {
    auto own = meta ? std::make_shared<MessageMeta>(*meta) : std::make_shared<MessageMeta>();
    own->counters = detail.counters;
    own->cause = detail.cause;
    own->attempts = detail.attempts;
    return own;
}

}  // namespace

bool keeps_completed_bodies(const Queue& queue) {
    return (queue.settings.keep_completed && queue.settings.completed_payload_bytes != 0) || queue.flows.has_children;
}

bool wants_completed_body(const Queue& queue, const LeasedRun& run, Offset offset) {
    if (queue.flows.has_children) {
        return true;
    }
    const std::uint32_t i = run.index_from + static_cast<std::uint32_t>(offset - run.first);
    return run.index->bounds[i + 1] - run.index->bounds[i] <= queue.settings.completed_payload_bytes;
}

void keep_completed_run(State& state, Queue& queue, const LeaseBatch& batch, const LeasedRun& run,
                        const OffsetRange& range, const JobResultPtr& result, TimeMs now, Round& round) {
    const bool lost = planted(PlantedBug::result_lost) && range.first % 16 == 0;
    const auto completion =
        std::make_shared<const Completion>(Completion{batch.delivered_at, batch.worker, lost ? nullptr : result});
    const std::uint32_t position = batch.position_of(run, range.first);
    const bool single = range.count == 1 && (batch.details.contains(position) || queue.returned.contains(range.first));
    if (single) {
        const LeasedDetail detail = detail_of(queue, batch, position, range.first);
        MessageRecord record;
        if (detail.lane) {
            record = *detail.lane;
        } else {
            record.offset = range.first;
            record.stored_at = record.ready_at = run.stored_at;
            if (const ChunkPtr chunk = queue.window.resident(range.first)) {
                record.stored_at = record.ready_at = chunk->stored_at;
                record.body = chunk->at(range.first);
                record.meta = chunk->meta_of(range.first);
            }
        }
        record.meta = with_history(record.meta, detail);
        put_one(state, queue, record, completion, now, round);
        return;
    }
    PutCompleted common;
    common.completion = completion;
    common.finished_at = now;
    std::vector<EntryRun> runs;
    for (Offset offset = range.first; offset < range.first + range.count;) {
        const ChunkPtr chunk = queue.window.resident(offset);
        const Offset end = std::min(range.first + range.count, chunk ? chunk->end() : offset + 1);
        common.first = offset;
        common.count = static_cast<std::uint32_t>(end - offset);
        common.stored_at = common.ready_at = chunk ? chunk->stored_at : run.stored_at;
        if (chunk && queue.settings.completed_payload_bytes != 0) {
            runs.clear();
            chunk->slice(offset, common.count, runs);
            put_bodies(state, queue, common, runs, round);
        } else {
            put(state, queue, PutCompleted(common), round);
        }
        offset = end;
    }
}

void keep_completed_late(State& state, Queue& queue, const MessageRecord& record, const JobResultPtr& result,
                         TimeMs now, Round& round) {
    put_one(state, queue, record, std::make_shared<const Completion>(Completion{0, "", result}), now, round);
}

}  // namespace baton::core
