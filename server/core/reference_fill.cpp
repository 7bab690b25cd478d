// Looking through the past of topics for a subscription that selects: one topic after the other, a bounded part at a
// time. Where it has come to stands on disk with what it has found; what is published meanwhile to a topic that it is
// not through with is found by it too, so that the order within a topic holds.
#include "server/core/entry_fields.hpp"
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/reference_log.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <algorithm>

namespace baton::core {

namespace {

/// What stands in a part of the past of a topic and is not wanted, whatever the filter.
class LeftOut {
public:
    LeftOut(const Chunk& chunk, const Fill& fill, const std::vector<std::uint32_t>& superseded)
        : chunk_(chunk), fill_(fill), superseded_(superseded) {}

    bool operator()(Offset offset) const {
        if (chunk_.is_missing(offset)) {
            return true;
        }
        if (offset >= fill_.last_per_key_below) {
            return false;
        }
        const MetaPtr meta = chunk_.meta_of(offset);
        return !meta || !meta->group || is_superseded(offset) || has_empty_payload(chunk_.at(offset));
    }
    /// Nothing is, so that runs need not be taken apart.
    bool never() const { return chunk_.missing.empty() && chunk_.first >= fill_.last_per_key_below; }

private:
    bool is_superseded(Offset offset) const {
        return std::binary_search(superseded_.begin(), superseded_.end(),
                                  static_cast<std::uint32_t>(offset - chunk_.first));
    }

    const Chunk& chunk_;
    const Fill& fill_;
    const std::vector<std::uint32_t>& superseded_;
};

/// What the subscription wants of a chunk of the topic from an offset on. What has options goes one by one.
void take_references(State& state, Queue& subscription, const Queue& topic, const Chunk& chunk, Offset from,
                     const LeftOut& left_out, Round& round) {
    std::vector<EntryRun> runs;
    Offset at = std::max(from, chunk.first);
    chunk.slice(at, static_cast<std::uint32_t>(chunk.end() - at), runs);
    for (const EntryRun& run : runs) {
        for (const auto& [first, count] : matching(subscription.selects->filter.get(), run)) {
            const std::uint32_t step = chunk.metas.empty() && left_out.never() ? count : 1;
            for (std::uint32_t i = first; i < first + count; i += step) {
                if (!left_out.never() && left_out(at + i)) {
                    continue;
                }
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
    round.mutations.push_back(
        PutFill{subscription.ns, subscription.id, topic.id, fill.from, fill.since, fill.last_per_key_below});
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
        round.reads.push_back({ticket, ReadChunks{topic->ns, id, from, limits::fill_chunks_per_step,
                                                  limits::fill_bytes_per_step, from < fill.last_per_key_below}});
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
        static const std::vector<std::uint32_t> none;
        for (std::size_t i = 0; i < found.chunks.size(); ++i) {
            const ChunkPtr& chunk = found.chunks[i];
            if (chunk->end() > from && chunk->stored_at >= fill->second.since) {
                const LeftOut left_out(*chunk, fill->second, found.superseded.empty() ? none : found.superseded[i]);
                take_references(state, subscription, *topic, *chunk, from, left_out, round);
            }
            from = std::max(from, chunk->end());
        }
        from = planted(PlantedBug::published_while_filling_lost) && found.at_end ? topic->end : from;
        fill->second.from = from;
        arm_topic(state, *topic);
        round.mutations.push_back(PutFill{subscription.ns, subscription.id, step.topic, from, fill->second.since,
                                          fill->second.last_per_key_below});
    }
    state.arm(subscription, INT64_MIN);
}

}  // namespace baton::core
