#include "server/core/chunk_window.hpp"

#include "server/core/planted_bug.hpp"
#include "server/core/require.hpp"

#include <algorithm>

namespace baton::core {

namespace {

/// About what a chunk takes in memory: a message alone in its chunk takes several times its bytes.
std::size_t memory_of(const Chunk& chunk) {
    constexpr std::size_t of_chunk = 320, of_run = 256;
    return chunk.bytes + of_chunk + chunk.runs.size() * of_run;
}

}  // namespace

std::map<Offset, ChunkWindow::Known>::const_iterator ChunkWindow::find(Offset offset) const {
    auto chunk = chunks_.upper_bound(offset);
    if (chunk == chunks_.begin()) {
        return chunks_.end();
    }
    --chunk;
    return offset < chunk->first + chunk->second.count ? chunk : chunks_.end();
}

ChunkPtr ChunkWindow::resident(Offset offset) const {
    const auto chunk = find(offset);
    return chunk == chunks_.end() ? nullptr : chunk->second.bodies;
}

bool ChunkWindow::knows(Offset offset) const { return find(offset) != chunks_.end(); }

Offset ChunkWindow::known_end(Offset offset) const {
    const auto chunk = find(offset);
    return chunk == chunks_.end() ? offset : chunk->first + chunk->second.count;
}

std::pair<Offset, TimeMs> ChunkWindow::expiry_of(Offset offset) const {
    const auto chunk = find(offset);
    return chunk == chunks_.end() ? std::pair<Offset, TimeMs>{offset, 0}
                                  : std::pair<Offset, TimeMs>{chunk->first, chunk->second.expires_at};
}

void ChunkWindow::expires(Offset first, TimeMs at) {
    if (const auto chunk = chunks_.find(first); chunk != chunks_.end()) {
        chunk->second.expires_at = at;
    }
}

void ChunkWindow::forget_other_bounds(const Chunk& chunk) {
    auto known = chunks_.upper_bound(chunk.first);
    known = known == chunks_.begin() ? known : std::prev(known);
    while (known != chunks_.end() && known->first < chunk.end()) {
        const bool apart = known->first + known->second.count <= chunk.first;
        if (apart || (known->first == chunk.first && known->second.count == chunk.count)) {
            ++known;
            continue;
        }
        drop_bodies(known);
        known = chunks_.erase(known);
    }
}

void ChunkWindow::replace(const ChunkPtr& chunk) {
    forget_other_bounds(*chunk);
    const auto known = chunks_.find(chunk->first);
    if (known != chunks_.end() && known->second.bodies) {
        drop_bodies(known);
        known->second.bodies = chunk;
        bytes_ += memory_of(*chunk);
    }
}

void ChunkWindow::add(const ChunkPtr& chunk, std::uint32_t remaining) {
    forget_other_bounds(*chunk);  // A read that was under way may know a topic as it was before it was compacted.
    auto [known, fresh] =
        chunks_.try_emplace(chunk->first, Known{chunk->count, remaining, chunk->expires_first, nullptr});
    if (!known->second.bodies) {
        known->second.bodies = chunk;
        bytes_ += memory_of(*chunk);
    }
}

void ChunkWindow::drop_bodies(std::map<Offset, Known>::iterator chunk) {
    if (chunk->second.bodies) {
        bytes_ -= memory_of(*chunk->second.bodies);
        chunk->second.bodies.reset();
    }
}

void ChunkWindow::done(NamespaceId ns, QueueId log, Offset first, std::uint64_t count, std::vector<Mutation>& out) {
    const Offset end = first + count;
    auto chunk = chunks_.upper_bound(first);
    require(chunk != chunks_.begin(), "the chunk of a settled message is known");
    --chunk;
    while (first < end) {
        const Offset chunk_end = chunk->first + chunk->second.count;
        require(chunk->first <= first && first < chunk_end, "settled messages lie in known chunks");
        const auto here = static_cast<std::uint32_t>(std::min(end, chunk_end) - first);
        require(here <= chunk->second.remaining, "a message is done with once");
        chunk->second.remaining -= here;
        first += here;
        const std::uint32_t gone_at = planted(PlantedBug::chunk_removed_early) ? 1 : 0;
        if (chunk->second.remaining <= gone_at) {
            out.push_back(RemoveChunk{ns, log, chunk->first});
            if (chunk->second.expires_at != 0) {
                out.push_back(RemoveExpiry{ns, log, chunk->second.expires_at, chunk->first, false});
            }
        }
        if (chunk->second.remaining == 0) {
            drop_bodies(chunk);
            chunk = chunks_.erase(chunk);
        } else {
            ++chunk;
        }
        require(first == end || chunk != chunks_.end(), "a settled range ends in a known chunk");
    }
}

void ChunkWindow::passed(Offset first, std::uint64_t count) {
    const Offset end = first + count;
    auto chunk = chunks_.upper_bound(first);
    chunk = chunk == chunks_.begin() ? chunk : std::prev(chunk);
    while (chunk != chunks_.end() && chunk->first < end) {
        const Offset from = std::max(first, chunk->first), to = std::min(end, chunk->first + chunk->second.count);
        chunk->second.remaining -= from < to ? static_cast<std::uint32_t>(to - from) : 0;
        if (chunk->second.remaining == 0) {
            drop_bodies(chunk);
            chunk = chunks_.erase(chunk);
        } else {
            ++chunk;
        }
    }
}

void ChunkWindow::forget_before(Offset end) {
    while (!chunks_.empty() && chunks_.begin()->first + chunks_.begin()->second.count <= end) {
        drop_bodies(chunks_.begin());
        chunks_.erase(chunks_.begin());
    }
}

std::size_t ChunkWindow::shrink(Offset next, std::size_t bytes_max) {
    const std::size_t before = bytes_;
    for (auto chunk = chunks_.begin();
         chunk != chunks_.end() && bytes_ > bytes_max && chunk->first + chunk->second.count <= next; ++chunk) {
        drop_bodies(chunk);
    }
    for (auto chunk = chunks_.end(); chunk != chunks_.begin() && bytes_ > bytes_max;) {
        --chunk;
        if (chunk->first <= next) {
            break;
        }
        drop_bodies(chunk);
        // Nothing of it was delivered: it need not even be known.
        if (chunk->second.remaining == chunk->second.count) {
            chunk = chunks_.erase(chunk);
        }
    }
    return before - bytes_;
}

Offset ChunkWindow::resident_until(Offset from) const {
    auto chunk = find(from);
    while (chunk != chunks_.end() && chunk->second.bodies && chunk->first <= from) {
        from = chunk->first + chunk->second.count;
        ++chunk;
    }
    return from;
}

}  // namespace baton::core
