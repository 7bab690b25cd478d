#pragma once
// The chunks of one log that the core knows: those with bodies in memory, and those whose messages were delivered and
// are not all done. Memory is bounded by what is in flight and by the window, never by the backlog.
//
// Chunks beyond the window are on disk only and come back through ReadChunks.

#include "server/core/chunk.hpp"
#include "server/core/mutation.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace baton::core {

class ChunkWindow {
public:
    struct Known {
        std::uint32_t count = 0;
        /// Messages of it that are neither acked nor have left.
        std::uint32_t remaining = 0;
        /// Where the index of expiries has it; 0 = nowhere.
        TimeMs expires_at = 0;
        /// Null when the bodies are not in memory.
        ChunkPtr bodies;
    };

    /// The chunk with this offset if its bodies are in memory, else null.
    ChunkPtr resident(Offset offset) const;
    /// True when the boundaries of the chunk with this offset are known.
    bool knows(Offset offset) const;
    /// End of the known chunk with this offset, or the offset itself.
    Offset known_end(Offset offset) const;

    /// First offset of the known chunk with this offset, and where the index of expiries has it; 0 = nowhere.
    std::pair<Offset, TimeMs> expiry_of(Offset offset) const;
    /// The index has the chunk at another time.
    void expires(Offset first, TimeMs at);

    /// A chunk just appended or read; `remaining` of its messages are not done.
    void add(const ChunkPtr& chunk, std::uint32_t remaining);
    /// What is known of these messages stands in this chunk now: in the place of one chunk, or of several.
    void replace(const ChunkPtr& chunk);
    /// Messages [first, first + count) are done; chunks that are wholly done are removed, with their mutation.
    void done(NamespaceId ns, QueueId log, Offset first, std::uint64_t count, std::vector<Mutation>& out);
    /// The same for one whose chunks belong to another: they are forgotten, and need not have been known.
    void passed(Offset first, std::uint64_t count);
    /// Forgets the chunks that end at or before `end`.
    void forget_before(Offset end);
    /// Forgets and removes every chunk in [from, to) but those with some message for which `keep` holds.
    template <typename Keep>
    void purge(NamespaceId ns, QueueId log, Offset to, Keep&& keep, std::vector<Mutation>& out);

    /// Drops bodies while more than `bytes_max` are held: first of chunks wholly below `next`, oldest first, then the
    /// ones furthest ahead; never the one with `next`. Returns the bytes dropped.
    std::size_t shrink(Offset next, std::size_t bytes_max);
    std::size_t bytes() const { return bytes_; }
    /// The first offset at or after `from` whose body is not in memory, following adjacent chunks.
    Offset resident_until(Offset from) const;

private:
    std::map<Offset, Known>::const_iterator find(Offset offset) const;
    void drop_bodies(std::map<Offset, Known>::iterator chunk);
    /// Forgets what lies in the chunk in other bounds than its own.
    void forget_other_bounds(const Chunk& chunk);

    std::map<Offset, Known> chunks_;
    std::size_t bytes_ = 0;
};

template <typename Keep>
void ChunkWindow::purge(NamespaceId ns, QueueId log, Offset to, Keep&& keep, std::vector<Mutation>& out) {
    Offset from = 0;
    for (auto chunk = chunks_.begin(); chunk != chunks_.end() && chunk->first < to;) {
        std::uint32_t kept = 0;
        for (Offset offset = chunk->first; offset < chunk->first + chunk->second.count; ++offset) {
            kept += keep(offset) ? 1 : 0;
        }
        if (kept == 0) {
            drop_bodies(chunk);
            chunk = chunks_.erase(chunk);
            continue;
        }
        if (from < chunk->first) {
            out.push_back(RemoveChunks{ns, log, from, chunk->first});
        }
        chunk->second.remaining = kept;
        from = chunk->first + chunk->second.count;
        ++chunk;
    }
    if (from < to) {
        out.push_back(RemoveChunks{ns, log, from, to});
    }
}

}  // namespace baton::core
