#include "storage/reference_reads.hpp"

#include "storage/damage.hpp"
#include "storage/reads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace baton::storage {

namespace {

class BodyReader {
public:
    BodyReader(rocksdb::DB& db, core::NamespaceId ns, const core::Chunk& references)
        : db_(db),
          ns_(ns),
          references_(references),
          index_(std::make_shared<core::EntryIndex>(*references.runs.front().index)) {
        bytes_.reserve(references.bytes);
    }

    void read(const core::ChunkSource& source) {
        for (std::uint32_t done = 0; done < source.count;) {
            const core::Offset offset = source.first + done;
            if (const core::Chunk* chunk = chunk_with(source.log, offset)) {
                const auto here =
                    static_cast<std::uint32_t>(std::min<std::uint64_t>(source.count - done, chunk->end() - offset));
                take(*chunk, offset, here);
                done += here;
            } else {
                missing_.push_back(slot_);
                bytes_.append(size(), '\0');
                ++slot_;
                ++done;
            }
        }
    }
    core::ChunkPtr chunk() && {
        auto whole = std::make_shared<core::Chunk>(references_);
        whole->missing = std::move(missing_);
        const auto owner = std::make_shared<const std::string>(std::move(bytes_));
        whole->runs = {{{owner, *owner}, index_, 0, references_.count}};
        return whole;
    }

private:
    std::uint32_t size() const { return index_->bounds[slot_ + 1] - index_->bounds[slot_]; }

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
    void take(const core::Chunk& chunk, core::Offset offset, std::uint32_t count) {
        std::vector<core::EntryRun> runs;
        chunk.slice(offset, count, runs);
        core::Offset at = offset;
        for (const core::EntryRun& run : runs) {
            bytes_ += run.bytes();
            for (std::uint32_t i = 0; i < run.count; ++i, ++slot_, ++at) {
                if (chunk.is_missing(at)) {
                    missing_.push_back(slot_);
                }
                if (run.size_of(i) != size()) {
                    throw Damage(fmt::format(
                        "a message behind {} of topic {} is not the one that message {} of "
                        "subscription {} refers to",
                        offset, core::value(chunk.log), references_.first + slot_, core::value(references_.log)));
                }
                index_->checksums[slot_] = run.checksum_of(i);
            }
        }
    }

    rocksdb::DB& db_;
    core::NamespaceId ns_;
    const core::Chunk& references_;
    std::shared_ptr<core::EntryIndex> index_;
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
