#include "server/core/finished_log.hpp"

#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"

#include <utility>

namespace baton::core {

namespace {

void close_batch(State& state, Queue& queue, FinishedSet set, Round& round) {
    FinishedLog& log = queue.finished(set);
    if (log.open.sizes.empty()) {
        return;
    }
    FinishedBatch batch = std::exchange(log.open, {});
    batch.seq = log.counts.next;
    if (log.counts.head == log.counts.next) {
        log.counts.oldest_at = batch.at;
    }
    log.counts.next += 1;
    arm_retention(state, queue, set, batch.at);
    round.mutations.push_back(PutFinished{queue.ns, queue.id, set, std::move(batch)});
}

}  // namespace

void add_finished(State& state, Queue& queue, FinishedSet set, Offset offset, std::uint32_t size, TimeMs now,
                  Round& round) {
    FinishedLog& log = queue.finished(set);
    FinishedBatch& open = log.open;
    open.at = now;
    if (!open.ranges.empty() && open.ranges.back().first + open.ranges.back().count == offset) {
        open.ranges.back().count += 1;
    } else {
        open.ranges.push_back({offset, 1});
    }
    open.sizes.push_back(size);
    log.counts.messages += 1;
    log.counts.bytes += size;
    queue.job_reads.changed(offset);
    state.touch(queue, round);
    if (open.sizes.size() == limits::finished_batch_max) {
        close_batch(state, queue, set, round);
    }
}

void close_finished(State& state, Queue& queue, Round& round) {
    close_batch(state, queue, FinishedSet::completed, round);
    close_batch(state, queue, FinishedSet::failed, round);
}

std::uint32_t completed_size(const MessageRecord& record) {
    const std::size_t body = record.body.count == 0 ? 0 : record.body.size_of(0);
    const JobResultPtr result = record.completion ? record.completion->result : nullptr;
    const std::size_t kept = result ? result->value.size() + result->content_type.size() : 0;
    return static_cast<std::uint32_t>(completed_record_bytes + body + kept);
}

void leave_finished(State& state, Queue& queue, const MessageRecord& record, Round& round) {
    const bool completed = record.lane == Lane::completed;
    const FinishedSet set = completed ? FinishedSet::completed : FinishedSet::failed;
    const std::uint32_t size = completed ? completed_size(record) : record.body.size_of(0);
    const std::uint32_t generation = completed ? queue.completed_generation : queue.failed_generation;
    round.mutations.push_back(RemoveLaneRecord{queue.ns, queue.id, record.lane, generation, record.at, record.offset});
    queue.job_reads.changed(record.offset);
    if (!completed) {
        queue.failed_count -= 1;
        queue.failed_bytes -= size;
    }
    state.touch(queue, round);
    FinishedLog& log = queue.finished(set);
    if (record.finished_seq < log.counts.head || planted(PlantedBug::left_set_not_noted)) {
        return;
    }
    log.counts.messages -= 1;
    log.counts.bytes -= size;
    if (log.trimming) {
        log.left.emplace_back(record.finished_seq, record.offset);
    }
    round.mutations.push_back(PutFinishedGone{queue.ns, queue.id, set, record.finished_seq, record.offset});
}

void clear_finished(Queue& queue, FinishedSet set, Round& round) {
    FinishedLog& log = queue.finished(set);
    std::uint32_t& generation = set == FinishedSet::completed ? queue.completed_generation : queue.failed_generation;
    const Lane lane = set == FinishedSet::completed ? Lane::completed : Lane::failed;
    generation += 1;
    round.mutations.push_back(SweepLane{queue.ns, queue.id, lane, generation});
    log.open = {};
    // The batch that was open may have been named by records: its number is not used again.
    log.counts.next += 1;
    round.mutations.push_back(TrimFinished{queue.ns, queue.id, set, generation, {}, log.counts.head, log.counts.next});
    log.counts.head = log.counts.next;
    log.counts.head_done = 0;
    log.counts.oldest_at = 0;
    log.counts.messages = log.counts.bytes = 0;
}

}  // namespace baton::core
