#include "server/core/reference_log.hpp"

#include "server/core/planted_bug.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <algorithm>
#include <memory>

namespace baton::core {

namespace {

/// The marks that the subscription has passed move on.
void move_mark(ReferenceSpan& span, Offset done) {
    if (done >= span.mark) {
        span.from = span.mark_topic;
        span.mark = span.last;
        span.mark_topic = span.last_topic;
    }
}

/// Retention cannot have taken it: it takes from the front, and in some topics nothing.
bool was_compacted(State& state, const Chunk& chunk, Offset offset) {
    const ChunkSource source = chunk.source_of(offset);
    const Queue* topic = source.count == 0 ? nullptr : state.find(source.log);
    const bool for_ever = topic != nullptr && topic->keeps.compact && topic->keeps.retention == Retention{} &&
                          !topic->keeps.interest && topic->settings.overflow != Overflow::drop_oldest;
    return source.count == 0 || for_ever || (topic != nullptr && source.first >= topic->acks.low());
}

}  // namespace

ReferenceLog& references_of(Queue& subscription) {
    if (!subscription.references) {
        subscription.references = std::make_unique<ReferenceLog>();
    }
    return *subscription.references;
}

void append_references(State& state, Queue& subscription, const Queue& topic, const EntryRun& run, Offset first,
                       const MetaPtr& meta, TimeMs stored_at, Round& round) {
    // What is selected is few of much: it must not keep the rest in memory.
    append_run(state, subscription, run.apart(), stored_at, round, ChunkSource{topic.id, first, run.count}, meta);
    ReferenceLog& log = *subscription.references;
    auto [at, fresh] = log.spans.try_emplace(topic.id);
    ReferenceSpan& span = at->second;
    span.last = subscription.end;
    span.last_topic = first + run.count;
    if (fresh) {
        span.from = first;
        span.mark = span.last;
        span.mark_topic = span.last_topic;
        log.look_at = std::min(log.look_at, span.mark);
    }
}

Offset needed_from(const Queue& subscription, QueueId topic) {
    const ReferenceLog& log = *subscription.references;
    Offset from = needs_nothing;
    if (const auto fill = log.fills.find(topic); fill != log.fills.end()) {
        from = fill->second.from;
    }
    if (!knows_needs(subscription)) {
        return 0;
    }
    const auto span = log.spans.find(topic);
    return span == log.spans.end() ? from : std::min(from, span->second.from);
}

bool knows_needs(const Queue& subscription) {
    return subscription.acks.low() >= subscription.references->unknown_below;
}

void references_advanced(State& state, Queue& subscription) {
    ReferenceLog& log = *subscription.references;
    const Offset done = subscription.acks.low();
    if (done < log.look_at) {
        return;
    }
    log.look_at = needs_nothing;
    for (auto at = log.spans.begin(); at != log.spans.end();) {
        ReferenceSpan& span = at->second;
        const bool moves = done >= span.mark;
        move_mark(span, done);
        Queue* topic = moves ? state.find(at->first) : nullptr;
        if (topic != nullptr && (topic->keeps.interest || topic->trim.blocked) && !topic->trim.reading) {
            state.arm(*topic, topic->trim.from);
        }
        if (done >= span.last) {
            at = log.spans.erase(at);
            continue;
        }
        log.look_at = std::min(log.look_at, span.mark);
        ++at;
    }
}

void forget_references(Queue& subscription) {
    const bool needs = subscription.acks.low() < subscription.end && !planted(PlantedBug::needs_forgotten_by_restart);
    subscription.references->unknown_below = needs ? subscription.end : 0;
}

void lose_missing(State& state, Queue& subscription, const std::vector<ChunkPtr>& found, Round& round) {
    if (subscription.kind == QueueKind::topic) {
        return;  // It counts them where they go.
    }
    for (const ChunkPtr& chunk : found) {
        for (const std::uint32_t slot : chunk->missing) {
            const Offset offset = chunk->first + slot;
            if (subscription.acks.test(offset)) {
                continue;
            }
            if (LeaseBatch* batch = subscription.leases.holder_of(offset)) {
                // Its holder has it and may still ack it; there is nothing to give it back to.
                const std::uint32_t position = batch->position_of(*batch->run_of(offset), offset);
                batch->details.try_emplace(position, detail_of(subscription, *batch, position, offset));
                batch->details[position].cancelled = true;
                continue;
            }
            if (const auto moves = subscription.moving.extract(offset)) {
                subscription.leased_plain -= 1;
                if (moves.mapped().key) {
                    subscription.keys->settled(moves.mapped().key->id);
                }
            }
            subscription.waiting_again.erase(offset);
            const std::uint32_t size = chunk->at(offset).size_of(0);
            subscription.live_bytes -= size;
            subscription.holes.take(1, size);
            (was_compacted(state, *chunk, offset) ? subscription.totals.compacted : subscription.totals.dropped) += 1;
            leave_plain(state, subscription, offset, 1, round);
            state.pump_later(subscription);
        }
    }
}

}  // namespace baton::core
