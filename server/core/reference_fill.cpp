// Looking through the past of topics for a subscription that selects: one topic after the other, a bounded part at a
// time. Where it has come to stands on disk with what it has found; what is published meanwhile to a topic that it is
// not through with is found by it too, so that the order within a topic holds.
#include "server/core/limits.hpp"
#include "server/core/reference_log.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <algorithm>

namespace baton::core {

namespace {

/// What the subscription wants of a chunk of the topic from an offset on. What has options goes one by one.
void take_references(State& state, Queue& subscription, const Queue& topic, const Chunk& chunk, Offset from,
                     Round& round) {
    std::vector<EntryRun> runs;
    Offset at = std::max(from, chunk.first);
    chunk.slice(at, static_cast<std::uint32_t>(chunk.end() - at), runs);
    for (const EntryRun& run : runs) {
        for (const auto& [first, count] : matching(subscription.selects->filter.get(), run)) {
            const std::uint32_t step = chunk.metas.empty() ? count : 1;
            for (std::uint32_t i = first; i < first + count; i += step) {
                append_references(state, subscription, topic, run.slice(i, step), at + i, chunk.meta_of(at + i),
                                  chunk.stored_at, round);
            }
        }
        at += run.count;
    }
}

/// It may let go what it kept for the look through its past.
void arm_topic(State& state, Queue& topic) {
    if ((topic.keeps.interest || topic.trim.blocked) && !topic.trim.reading) {
        state.arm(topic, topic.trim.from);
    }
}

}  // namespace

void begin_fill(State& state, Queue& subscription, const Queue& topic, const Fill& fill, Round& round) {
    subscription.references->fills[topic.id] = fill;
    round.mutations.push_back(PutFill{subscription.ns, subscription.id, topic.id, fill.from, fill.since});
    state.arm(subscription, INT64_MIN);
}

void end_fills(State& state, Queue& subscription, Round& round) {
    ReferenceLog& log = *subscription.references;
    for (const auto& [topic, fill] : log.fills) {
        round.mutations.push_back(RemoveFill{subscription.ns, subscription.id, topic});
    }
    log.fills.clear();
    log.filling = false;
    ++log.version;
    state.arm(subscription, INT64_MIN);
}

bool is_filling(const Queue& subscription, QueueId topic) { return subscription.references->fills.contains(topic); }

void run_fills(State& state, Queue& subscription, Round& round) {
    ReferenceLog& log = *subscription.references;
    while (!log.filling && !log.fills.empty()) {
        auto [id, fill] = *log.fills.begin();
        Queue* topic = state.find(id);
        const Offset from = topic == nullptr ? 0 : std::max(fill.from, topic->acks.low());
        if (topic == nullptr || from >= topic->end) {
            log.fills.erase(id);
            if (topic != nullptr) {
                arm_topic(state, *topic);
            }
            round.mutations.push_back(RemoveFill{subscription.ns, subscription.id, id});
            continue;
        }
        close_chunks(state, *topic, round);
        log.filling = true;
        const std::uint64_t ticket = state.next_ticket++;
        state.reads.emplace(ticket, PendingRead{subscription.id, FillReferences{id, log.version}});
        round.reads.push_back(
            {ticket, ReadChunks{topic->ns, id, from, limits::fill_chunks_per_step, limits::fill_bytes_per_step}});
    }
}

void fill_arrived(State& state, Queue& subscription, const FillReferences& step, const ChunksRead& found,
                  Round& round) {
    ReferenceLog& log = *subscription.references;
    if (step.version != log.version) {
        return;
    }
    log.filling = false;
    const auto fill = log.fills.find(step.topic);
    Queue* topic = state.find(step.topic);
    if (topic != nullptr && fill != log.fills.end()) {
        Offset from = std::max(fill->second.from, topic->acks.low());
        for (const ChunkPtr& chunk : found.chunks) {
            if (chunk->end() > from && chunk->stored_at >= fill->second.since) {
                take_references(state, subscription, *topic, *chunk, from, round);
            }
            from = std::max(from, chunk->end());
        }
        fill->second.from = from;
        arm_topic(state, *topic);
        round.mutations.push_back(PutFill{subscription.ns, subscription.id, step.topic, from, fill->second.since});
    }
    state.arm(subscription, INT64_MIN);
}

}  // namespace baton::core
