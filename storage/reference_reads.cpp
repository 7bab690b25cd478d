#include "storage/reference_reads.hpp"

#include "storage/damage.hpp"
#include "storage/reads.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

namespace baton::storage {

namespace {

class BodyReader {
public:
    BodyReader(rocksdb::DB& db, core::NamespaceId ns, const core::Chunk& references)
        : db_(db), ns_(ns), references_(references), index_(*references.runs.front().index) {
        bytes_.reserve(references.bytes);
    }

    void read(const core::ChunkSource& source) {
        for (std::uint32_t i = 0; i < source.count; ++i, ++slot_) {
            const core::Offset offset = source.first + i;
            if (const core::Chunk* chunk = chunk_with(source.log, offset)) {
                take(chunk->at(offset), source.log, offset);
            } else {
                missing_.push_back(slot_);
                bytes_.append(size(), '\0');
            }
        }
    }
    core::ChunkPtr chunk() && {
        auto whole = std::make_shared<core::Chunk>(references_);
        whole->missing = std::move(missing_);
        const auto owner = std::make_shared<const std::string>(std::move(bytes_));
        whole->runs.front().buffer = {owner, *owner};
        return whole;
    }

private:
    std::uint32_t size() const { return index_.bounds[slot_ + 1] - index_.bounds[slot_]; }

    /// The chunk of the topic with this message, or null.
    const core::Chunk* chunk_with(core::QueueId log, core::Offset offset) {
        if (current_ && current_->log == log && current_->contains(offset)) {
            return current_.get();
        }
        core::ChunksRead read = read_stored(db_, core::ReadChunks{ns_, log, offset, 1, 0});
        const bool there = !read.chunks.empty() && read.chunks.front()->contains(offset);
        current_ = there ? std::move(read.chunks.front()) : nullptr;
        return current_.get();
    }
    void take(const core::EntryRun& entry, core::QueueId log, core::Offset offset) {
        if (entry.size_of(0) != size() || entry.checksum_of(0) != index_.checksums[slot_]) {
            throw Damage(
                fmt::format("message {} of topic {} is not the one that message {} of subscription {} refers to",
                            offset, core::value(log), references_.first + slot_, core::value(references_.log)));
        }
        bytes_ += entry.bytes();
    }

    rocksdb::DB& db_;
    core::NamespaceId ns_;
    const core::Chunk& references_;
    const core::EntryIndex& index_;
    core::ChunkPtr current_;
    std::uint32_t slot_ = 0;
    std::string bytes_;
    std::vector<std::uint32_t> missing_;
};

}  // namespace

core::ChunkPtr with_bodies(rocksdb::DB& db, core::NamespaceId ns, const core::Chunk& references) {
    BodyReader reader(db, ns, references);
    for (const core::ChunkSource& source : references.sources) {
        reader.read(source);
    }
    return std::move(reader).chunk();
}

}  // namespace baton::storage
