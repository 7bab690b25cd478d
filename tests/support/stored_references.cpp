#include "tests/support/stored_references.hpp"

#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace baton::tests {

using namespace core;

ChunkPtr chunk_with(const Tables& tables, const QueueKey& key, Offset offset) {
    const auto behind = tables.chunks.upper_bound({key, offset});
    if (behind == tables.chunks.begin()) {
        return nullptr;
    }
    const auto at = std::prev(behind);
    return at->first.first == key && at->second->contains(offset) ? at->second : nullptr;
}

ChunkPtr as_stored(const Tables& tables, std::uint32_t ns, const ChunkPtr& chunk) {
    if (chunk->sources.empty()) {
        return chunk;
    }
    auto read = std::make_shared<Chunk>(*chunk);
    read->missing.clear();
    std::string bytes;
    auto index = std::make_shared<EntryIndex>();
    std::uint32_t slot = 0;
    for (const ChunkSource& source : chunk->sources) {
        for (std::uint32_t i = 0; i < source.count; ++i, ++slot) {
            ChunkPtr topic = chunk_with(tables, QueueKey{ns, value(source.log)}, source.first + i);
            topic = topic && topic->is_missing(source.first + i) ? nullptr : topic;
            const EntryRun entry = chunk->at(chunk->first + slot);
            index->bounds.push_back(static_cast<std::uint32_t>(bytes.size()));
            index->checksums.push_back(entry.checksum_of(0));
            bytes += topic ? std::string(entry.bytes()) : std::string(entry.size_of(0), '\0');
            if (!topic) {
                read->missing.push_back(slot);
            } else if (topic->at(source.first + i).bytes() != chunk->at(chunk->first + slot).bytes()) {
                throw std::logic_error("a reference leads to another message");
            }
        }
    }
    index->bounds.push_back(static_cast<std::uint32_t>(bytes.size()));
    const auto owner = std::make_shared<const std::string>(std::move(bytes));
    read->runs = {EntryRun{Buffer{owner, *owner}, index, 0, read->count}};
    return read;
}

}  // namespace baton::tests
