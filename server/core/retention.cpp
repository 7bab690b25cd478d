// Retention: of each set of finished messages only so many, so old and so large stay. The oldest batches of its log are
// read a few at a time, off the path of requests, and what is beyond a limit goes in one commit with its counts.
#include "server/core/finished_log.hpp"
#include "server/core/flows.hpp"
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

const Retention& retention_of(const Queue& queue, FinishedSet set) {
    return set == FinishedSet::completed ? queue.settings.completed_retention : queue.settings.failed_retention;
}

bool too_many(const FinishedCounts& counts, const Retention& keep) {
    const std::uint64_t fewer = planted(PlantedBug::retention_off_by_one) ? 1 : 0;
    return (keep.messages != 0 && counts.messages + fewer > keep.messages) ||
           (keep.bytes != 0 && counts.bytes > keep.bytes);
}

bool too_old(TimeMs at, const Retention& keep, TimeMs now) { return keep.age_ms != 0 && at + keep.age_ms <= now; }

/// What one step takes out.
class Trimming {
public:
    Trimming(State& state, Queue& queue, FinishedSet set, const FinishedRead& found, TimeMs now)
        : state_(state),
          found_(found),
          queue_(queue),
          set_(set),
          log_(queue.finished(set)),
          keep_(retention_of(queue, set)),
          now_(now) {}

    /// False: nothing more is to be taken out now.
    bool take(const FinishedBatch& batch);
    void write(Round& round);
    bool full() const { return taken_ == limits::retired_per_step_max; }

private:
    void take_one(Offset offset, std::uint32_t size);

    State& state_;
    const FinishedRead& found_;
    Queue& queue_;
    FinishedSet set_;
    FinishedLog& log_;
    const Retention& keep_;
    TimeMs now_;
    std::uint64_t first_seq_ = log_.counts.head;
    std::vector<OffsetRange> records_;
    std::uint32_t taken_ = 0;
};

void Trimming::take_one(Offset offset, std::uint32_t size) {
    if (!records_.empty() && records_.back().first + records_.back().count == offset) {
        records_.back().count += 1;
    } else {
        records_.push_back({offset, 1});
    }
    log_.counts.messages -= 1;
    log_.counts.bytes -= size;
    queue_.totals.retired += 1;
    queue_.job_reads.changed(offset);
    if (set_ == FinishedSet::failed) {
        if (const auto child = found_.parents.find(offset); child != found_.parents.end()) {
            flows_hear_retired(state_, queue_, child->second);
        }
        queue_.failed_count -= 1;
        queue_.failed_bytes -= size;
    }
    ++taken_;
}

bool Trimming::take(const FinishedBatch& batch) {
    FinishedCounts& counts = log_.counts;
    // Numbers without a batch are of sets that were cleared.
    if (batch.seq != counts.head) {
        counts.head = batch.seq;
        counts.head_done = 0;
    }
    counts.oldest_at = batch.at;
    const bool old = too_old(batch.at, keep_, now_);
    std::uint32_t position = 0;
    for (const OffsetRange& range : batch.ranges) {
        for (Offset offset = range.first; offset < range.first + range.count; ++offset, ++position) {
            if (position < counts.head_done) {
                continue;
            }
            if (full() || (!old && !too_many(counts, keep_))) {
                return false;
            }
            if (!std::binary_search(batch.gone.begin(), batch.gone.end(), offset)) {
                take_one(offset, batch.sizes[position]);
            }
            counts.head_done = position + 1;
        }
    }
    counts.head = batch.seq + 1;
    counts.head_done = 0;
    counts.oldest_at = counts.head == counts.next ? 0 : counts.oldest_at;
    return true;
}

void Trimming::write(Round& round) {
    if (taken_ == 0 && first_seq_ == log_.counts.head) {
        return;
    }
    for (const OffsetRange& range : records_) {
        forget_reports(queue_, range, round);
    }
    retire_flows(state_, queue_, records_, round);
    const std::uint32_t generation =
        set_ == FinishedSet::completed ? queue_.completed_generation : queue_.failed_generation;
    round.mutations.push_back(
        TrimFinished{queue_.ns, queue_.id, set_, generation, std::move(records_), first_seq_, log_.counts.head});
}

void look_at(State& state, Queue& queue, FinishedSet set, TimeMs now, Round& round) {
    FinishedLog& log = queue.finished(set);
    const FinishedCounts& counts = log.counts;
    if (counts.head == counts.next || log.trimming) {
        return;
    }
    const Retention& keep = retention_of(queue, set);
    if (!too_many(counts, keep) && !too_old(counts.oldest_at, keep, now)) {
        if (keep.age_ms != 0) {
            state.arm(queue, counts.oldest_at + keep.age_ms);
        }
        return;
    }
    if (now < log.trim_from) {
        state.arm(queue, log.trim_from);
        return;
    }
    log.trimming = true;
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{queue.id, TrimStep{set, counts.head, counts.head_done}});
    ReadFinished read{queue.ns, queue.id, set, counts.head, counts.next, limits::finished_batches_per_step_max};
    if (set == FinishedSet::failed && queue.flows.has_children) {
        read.parents_in = queue.failed_generation;
        read.max_batches = limits::finished_batches_with_parents_max;
    }
    round.reads.push_back({ticket, read});
}

}  // namespace

void arm_retention(State& state, Queue& queue, FinishedSet set, TimeMs at) {
    const FinishedLog& log = queue.finished(set);
    const Retention& keep = retention_of(queue, set);
    if (too_many(log.counts, keep)) {
        state.arm(queue, std::max(at, log.trim_from));
    } else if (keep.age_ms != 0) {
        state.arm(queue, log.counts.oldest_at + keep.age_ms);
    }
}

void run_retention(State& state, Queue& queue, TimeMs now, Round& round) {
    look_at(state, queue, FinishedSet::completed, now, round);
    look_at(state, queue, FinishedSet::failed, now, round);
}

void step_retention(State& state, Queue& queue, const TrimStep& step, FinishedRead&& found, TimeMs now, Round& round) {
    FinishedLog& log = queue.finished(step.set);
    log.trimming = false;
    const auto left = std::exchange(log.left, {});
    state.arm(queue, now);
    const bool as_read = step.head == log.counts.head && step.head_done == log.counts.head_done;
    if (!as_read) {
        return;  // Cleared meanwhile.
    }
    Trimming trimming(state, queue, step.set, found, now);
    bool all = true;
    for (FinishedBatch& batch : found.batches) {
        // One that left its set after the read was made is told by nothing but its note.
        for (const auto& [seq, offset] : left) {
            if (seq == batch.seq) {
                batch.gone.push_back(offset);
            }
        }
        std::sort(batch.gone.begin(), batch.gone.end());
        if (!trimming.take(batch)) {
            all = false;
            break;
        }
    }
    trimming.write(round);
    if (step.set == FinishedSet::failed && queue.names.counts.used) {
        queue.names.counts.sweeping = true;  // What was trimmed is not read, so that its ids are looked for.
    }
    state.touch(queue, round);
    const bool more = all || trimming.full();
    log.trim_from = more ? now : now + limits::retention_every_ms;
}

}  // namespace baton::core
