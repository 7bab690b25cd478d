// Appending to a log: the runs of a round gather into chunks, which are closed when the round is sealed.
#include "server/core/expiry_index.hpp"
#include "server/core/limits.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <algorithm>
#include <memory>

namespace baton::core {

namespace {

/// The chunk to append `bytes` to at the log's end, opening a new one where the last is full or not adjacent.
Chunk& open_chunk(Queue& queue, std::uint64_t bytes, TimeMs now) {
    if (!queue.appended.empty()) {
        Chunk& last = queue.appended.back();
        const bool fits = last.bytes + bytes <= limits::chunk_bytes_max && last.count < limits::chunk_messages_max;
        if (fits && last.end() == queue.end && last.stored_at == now) {
            return last;
        }
    }
    Chunk chunk;
    chunk.log = queue.id;
    chunk.first = queue.end;
    chunk.stored_at = now;
    chunk.bytes_before = queue.kind == QueueKind::topic ? queue.log_bytes : 0;
    return queue.appended.emplace_back(std::move(chunk));
}

/// How many entries of `run`, from its start, fit into `bytes_left` and `count_left`; at least 1.
std::uint32_t fitting(const EntryRun& run, std::uint64_t bytes_left, std::uint32_t count_left) {
    const auto begin = run.index->bounds.begin() + run.from;
    const auto last = begin + std::min(run.count, count_left) + 1;
    const auto stop = std::upper_bound(begin + 1, last, *begin + bytes_left);
    return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(stop - begin) - 1);
}

/// Of the message that was appended last.
void add_meta(Chunk& chunk, const MetaPtr& meta) {
    if (meta->expires_at != 0 && (chunk.expires_first == 0 || meta->expires_at < chunk.expires_first)) {
        chunk.expires_first = meta->expires_at;
    }
    chunk.metas.emplace_back(chunk.count - 1, meta);
}

/// What is adjacent in its topic is one source: deliveries are told of each.
void add_source(Chunk& chunk, const ChunkSource& source) {
    if (!chunk.sources.empty() && chunk.sources.back().log == source.log &&
        chunk.sources.back().first + chunk.sources.back().count == source.first) {
        chunk.sources.back().count += source.count;
    } else {
        chunk.sources.push_back(source);
    }
}

}  // namespace

void append_run(State& state, Queue& queue, EntryRun run, TimeMs now, Round& round, std::optional<ChunkSource> source,
                const MetaPtr& meta) {
    if (queue.kind == QueueKind::topic) {
        run = routes_of(state, queue).empty() ? run : run.apart();  // Not once more by each that selects some.
        route(state, queue, run, queue.end, meta, now, round);
    }
    if (queue.keeps_events()) {
        add_event(state, queue, EventType::added, queue.end, run.count, round);
        add_event(state, queue, EventType::waiting, queue.end, run.count, round);
    }
    while (run.count > 0) {
        Chunk& chunk = open_chunk(queue, run.size_of(0), now);
        const std::uint32_t n =
            fitting(run, limits::chunk_bytes_max - std::min<std::uint64_t>(chunk.bytes, limits::chunk_bytes_max),
                    limits::chunk_messages_max - chunk.count);
        EntryRun part = run.slice(0, n);
        const std::size_t bytes = part.bytes().size();
        chunk.bytes += bytes;
        chunk.count += n;
        queue.end += n;
        queue.live_bytes += bytes;
        queue.log_bytes += queue.kind == QueueKind::topic ? bytes : 0;
        round.bytes += source ? 0 : bytes;  // Of references only where they are is written.
        chunk.runs.push_back(std::move(part));
        if (source) {
            add_source(chunk, {source->log, source->first, n});
            source->first += n;
        }
        run = run.slice(n, run.count - n);
    }
    if (meta) {
        add_meta(queue.appended.back(), meta);
    }
    state.touch(queue, round);
    state.pump_later(queue);  // Of a topic: its subscriptions have it once its chunk is closed.
}

void close_chunks(State& state, Queue& queue, Round& round) {
    if (queue.topic != nullptr) {
        close_chunks(state, *queue.topic, round);
    }
    if (queue.kind == QueueKind::topic && !queue.appended.empty()) {
        published(state, queue);
    }
    for (Chunk& open : queue.appended) {
        const ChunkPtr chunk = std::make_shared<const Chunk>(std::move(open));
        round.mutations.push_back(PutChunk{queue.ns, chunk});
        if (queue.kind == QueueKind::topic) {
            index_keys(queue, *chunk, round);
            hand_out(state, queue, chunk);
            continue;
        }
        index_chunk(state, queue, *chunk, round);
        const auto done = static_cast<std::uint32_t>(queue.acks.count_set(chunk->first, chunk->count));
        const std::size_t before = queue.window.bytes();
        queue.window.add(chunk, chunk->count - done);
        state.window_bytes += queue.window.bytes() - before;
    }
    queue.appended.clear();
}

}  // namespace baton::core
