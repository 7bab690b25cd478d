#include "storage/reference_reads.hpp"

#include "server/core/limits.hpp"
#include "storage/chunk_codec.hpp"
#include "storage/damage.hpp"
#include "storage/keys.hpp"
#include "storage/reads.hpp"
#include "storage/slices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace baton::storage {

namespace {

/// Sources of at least so many messages on average are worth runs of their own; shorter ones are copied into one.
constexpr std::uint32_t shared_from = 32;

class WholeChunk {
public:
    WholeChunk(ReferencedBodies& bodies, const core::Chunk& references)
        : bodies_(bodies),
          references_(references),
          shares_(references.count / references.sources.size() >= shared_from),
          sizes_(*references.runs.front().index) {
        if (!shares_) {
            index_ = std::make_shared<core::EntryIndex>(sizes_);
            bytes_.reserve(references.bytes);
        }
    }

    void read(const core::ChunkSource& source) {
        for (std::uint32_t done = 0; done < source.count;) {
            const core::Offset offset = source.first + done;
            if (const core::Chunk* chunk = bodies_.chunk_with(source.log, offset)) {
                const auto here =
                    static_cast<std::uint32_t>(std::min<std::uint64_t>(source.count - done, chunk->end() - offset));
                take(*chunk, offset, here);
                done += here;
            } else {
                miss();
                ++done;
            }
        }
    }
    core::ChunkPtr chunk() && {
        auto whole = std::make_shared<core::Chunk>(references_);
        whole->missing = std::move(missing_);
        if (shares_) {
            whole->runs = std::move(runs_);
        } else {
            const auto owner = std::make_shared<const std::string>(std::move(bytes_));
            whole->runs = {{{owner, *owner}, index_, 0, references_.count}};
        }
        return whole;
    }

private:
    std::uint32_t size_at(std::uint32_t slot) const { return sizes_.bounds[slot + 1] - sizes_.bounds[slot]; }

    /// Something of its size stands in the place of a message that is gone.
    void miss() {
        const std::uint32_t size = size_at(slot_);
        if (shares_) {
            const auto owner = std::make_shared<const std::string>(size, '\0');
            const auto index = std::make_shared<core::EntryIndex>(core::EntryIndex{{0, size}, {0}});
            runs_.push_back({{owner, *owner}, index, 0, 1});
        } else {
            bytes_.append(size, '\0');
        }
        missing_.push_back(slot_++);
    }
    void take(const core::Chunk& chunk, core::Offset offset, std::uint32_t count) {
        std::vector<core::EntryRun> runs;
        chunk.slice(offset, count, runs);
        core::Offset at = offset;
        for (const core::EntryRun& run : runs) {
            check(chunk, at, run);
            if (shares_) {
                runs_.push_back(run.apart());  // The rest of a large chunk is not kept in memory for a small part.
            } else {
                copy(run);
            }
            at += run.count;
            slot_ += run.count;
        }
    }
    /// That it is what the references of these slots say.
    void check(const core::Chunk& chunk, core::Offset at, const core::EntryRun& run) {
        for (std::uint32_t i = 0; i < run.count; ++i) {
            if (run.size_of(i) != size_at(slot_ + i)) {
                throw Damage(fmt::format(
                    "message {} of topic {} is not the one that message {} of subscription {} "
                    "refers to",
                    at + i, core::value(chunk.log), references_.first + slot_ + i, core::value(references_.log)));
            }
            if (!chunk.missing.empty() && chunk.is_missing(at + i)) {
                missing_.push_back(slot_ + i);
            }
        }
    }
    void copy(const core::EntryRun& run) {
        bytes_ += run.bytes();
        for (std::uint32_t i = 0; i < run.count; ++i) {
            index_->checksums[slot_ + i] = run.checksum_of(i);
        }
    }

    ReferencedBodies& bodies_;
    const core::Chunk& references_;
    const bool shares_;
    const core::EntryIndex& sizes_;
    std::uint32_t slot_ = 0;
    std::vector<core::EntryRun> runs_;
    std::shared_ptr<core::EntryIndex> index_;
    std::string bytes_;
    std::vector<std::uint32_t> missing_;
};

}  // namespace

core::ChunkPtr ReferencedBodies::add_to(const core::Chunk& references) {
    WholeChunk whole(*this, references);
    for (const core::ChunkSource& source : references.sources) {
        whole.read(source);
    }
    return std::move(whole).chunk();
}

const core::Chunk* ReferencedBodies::chunk_with(core::QueueId log, core::Offset offset) {
    if (!current_ || current_->log != log || !current_->contains(offset)) {
        current_ = read_chunk(log, offset);
    }
    return current_ && current_->contains(offset) ? current_.get() : nullptr;
}

core::ChunkPtr ReferencedBodies::read_chunk(core::QueueId log, core::Offset offset) {
    const bool is_next = range_ && current_ && log_ == log && current_->end() == offset;
    if (is_next) {
        range_->at->Next();
    } else {
        if (!range_ || log_ != log || offset < first_ || offset - first_ > core::limits::chunk_messages_max) {
            range_.emplace(db_, chunks_around(ns_, log, offset));
            log_ = log;
            first_ = offset;
        }
        range_->at->SeekForPrev(slice(chunk_key(ns_, log, offset)));
    }
    check_read(range_->at->status(), "cannot read a chunk that a subscription refers to");
    if (!range_->at->Valid()) {
        return nullptr;
    }
    const auto key = parse_key(view(range_->at->key()));
    const rocksdb::Slice value = range_->at->value();
    return decode_chunk(log, key->number, std::make_shared<const std::string>(value.data(), value.size()));
}

}  // namespace baton::storage
