#include "storage/chunk_codec.hpp"

#include "baton/store/v1/store.pb.h"
#include "storage/byte_order.hpp"
#include "storage/checksums.hpp"
#include "storage/damage.hpp"
#include "storage/meta_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>

namespace baton::storage {

namespace {

constexpr char chunk_format = 1, reference_format = 2, compacted_format = 3;
constexpr std::size_t fixed_bytes = 1 + 4 + 8 + 8 + 4;
constexpr std::size_t slot_bytes = 8;
/// Of one that was compacted, with what is gone: more than a chunk ever has.
constexpr std::size_t compacted_bytes_max = 64U << 20;

std::uint64_t seed_of(core::QueueId log, core::Offset first) {
    return core::value(log) * 0x9E3779B97F4A7C15ULL ^ first;
}

/// One number when all are the same, as they are often.
void add_sizes(const core::Chunk& chunk, store::v1::ChunkMetas& metas) {
    for (const core::EntryRun& run : chunk.runs) {
        for (std::uint32_t i = 0; i < run.count; ++i) {
            metas.add_sizes(run.size_of(i));
        }
    }
    auto& sizes = *metas.mutable_sizes();
    if (std::adjacent_find(sizes.begin(), sizes.end(), std::not_equal_to<>()) == sizes.end()) {
        sizes.Truncate(1);
    }
}

/// Which slots are empty, and the checksums of the others: none of them stands in the head.
void add_gone(const core::Chunk& chunk, store::v1::ChunkMetas& metas) {
    for (auto slot = chunk.missing.begin(); slot != chunk.missing.end();) {
        auto end = slot + 1;
        while (end != chunk.missing.end() && *end == *(end - 1) + 1) {
            ++end;
        }
        metas.add_gone(*slot);
        metas.add_gone(static_cast<std::uint32_t>(end - slot));
        slot = end;
    }
    core::Offset offset = chunk.first;
    for (const core::EntryRun& run : chunk.runs) {
        for (std::uint32_t i = 0; i < run.count; ++i, ++offset) {
            if (!chunk.is_missing(offset)) {
                metas.add_checksums(core::bind_checksum(run.checksum_of(i), chunk.log, offset));
            }
        }
    }
}

std::string encode_metas(const core::Chunk& chunk) {
    store::v1::ChunkMetas metas;
    for (const auto& [slot, meta] : chunk.metas) {
        auto& stored = *metas.add_slots();
        stored.set_slot(slot);
        to_proto(*meta, *stored.mutable_meta());
    }
    metas.set_bytes_before(chunk.bytes_before);
    if (!chunk.sources.empty() || !chunk.missing.empty()) {
        add_sizes(chunk, metas);
    }
    if (chunk.sources.empty() && !chunk.missing.empty()) {
        add_gone(chunk, metas);
    }
    for (const core::ChunkSource& source : chunk.sources) {
        auto& reference = *metas.add_references();
        reference.set_log(core::value(source.log));
        reference.set_first(source.first);
        reference.set_count(source.count);
    }
    return metas.SerializeAsString();
}

[[noreturn]] void damaged(core::QueueId log, core::Offset first, const char* what) {
    throw Damage(fmt::format("chunk of queue {} at offset {}: {}", core::value(log), first, what));
}

/// Size and checksum of each entry.
void put_slots(const core::Chunk& chunk, char* slot) {
    core::Offset offset = chunk.first;
    for (const core::EntryRun& run : chunk.runs) {
        for (std::uint32_t i = 0; i < run.count; ++i, ++offset, slot += slot_bytes) {
            put_little_endian(slot, run.size_of(i));
            put_little_endian(slot + 4, core::bind_checksum(run.checksum_of(i), chunk.log, offset));
        }
    }
}

}  // namespace

std::string encode_chunk_head(const core::Chunk& chunk) {
    const bool references = !chunk.sources.empty();
    const bool slots = !references && chunk.missing.empty();
    const bool plain = chunk.metas.empty() && chunk.bytes_before == 0 && slots;
    const std::string metas = plain ? std::string() : encode_metas(chunk);
    std::string head;
    head.resize(fixed_bytes + (slots ? chunk.count * slot_bytes : 0));
    head[0] = slots ? chunk_format : references ? reference_format : compacted_format;
    put_little_endian(head.data() + 1, chunk.count);
    put_little_endian(head.data() + 5, chunk.stored_at);
    put_little_endian(head.data() + 13, chunk.expires_first);
    put_little_endian(head.data() + 21, static_cast<std::uint32_t>(metas.size()));
    if (slots) {
        put_slots(chunk, head.data() + fixed_bytes);
    }
    head += metas;
    append_little_endian(head, checksum(head, seed_of(chunk.log, chunk.first)));
    return head;
}

namespace {

/// What stands where in a chunk's value.
struct Layout {
    bool references = false, compacted = false;
    std::uint32_t count = 0;
    std::size_t metas_bytes = 0, head_bytes = 0;
};

Layout layout_of(core::QueueId log, core::Offset first, const std::string& bytes) {
    if (bytes.size() < fixed_bytes + 8 || bytes[0] < chunk_format || bytes[0] > compacted_format) {
        damaged(log, first, "not a chunk of a known format");
    }
    Layout layout;
    layout.references = bytes[0] == reference_format;
    layout.compacted = bytes[0] == compacted_format;
    layout.count = get_little_endian<std::uint32_t>(bytes.data() + 1);
    layout.metas_bytes = get_little_endian<std::uint32_t>(bytes.data() + 21);
    const std::size_t slots = layout.references || layout.compacted ? 0 : layout.count;
    layout.head_bytes = fixed_bytes + slots * slot_bytes + layout.metas_bytes;
    if (layout.count == 0 || bytes.size() > std::numeric_limits<std::uint32_t>::max() ||
        layout.head_bytes + 8 > bytes.size()) {
        damaged(log, first, "its head is cut");
    }
    const std::string_view head(bytes.data(), layout.head_bytes);
    if (get_little_endian<std::uint64_t>(bytes.data() + layout.head_bytes) != checksum(head, seed_of(log, first))) {
        damaged(log, first, "its head does not match its checksum");
    }
    return layout;
}

/// Where its entries lie, which are verified.
std::shared_ptr<core::EntryIndex> index_of(core::QueueId log, core::Offset first, const std::string& bytes,
                                           const Layout& layout) {
    auto index = std::make_shared<core::EntryIndex>();
    index->bounds.reserve(layout.count + 1);
    index->checksums.reserve(layout.count);
    auto begin = static_cast<std::uint32_t>(layout.head_bytes + 8);
    const char* slot = bytes.data() + fixed_bytes;
    for (std::uint32_t i = 0; i < layout.count; ++i, slot += slot_bytes) {
        const auto size = get_little_endian<std::uint32_t>(slot);
        const auto stored = get_little_endian<std::uint32_t>(slot + 4);
        if (size > bytes.size() - begin) {
            damaged(log, first + i, "its entry is cut");
        }
        const std::uint32_t sum = entry_checksum({bytes.data() + begin, size});
        if (core::bind_checksum(sum, log, first + i) != stored) {
            damaged(log, first + i, "its entry does not match its checksum");
        }
        index->bounds.push_back(begin);
        index->checksums.push_back(sum);
        begin += size;
    }
    index->bounds.push_back(begin);
    return index;
}

/// How long each entry is, wherever it lies.
std::shared_ptr<core::EntryIndex> sizes_of(core::QueueId log, const core::Chunk& chunk,
                                           const store::v1::ChunkMetas& metas) {
    const auto given = static_cast<std::uint32_t>(metas.sizes_size());
    if (given != 1 && given != chunk.count) {
        damaged(log, chunk.first, "it has other sizes than messages");
    }
    auto index = std::make_shared<core::EntryIndex>();
    index->checksums.resize(chunk.count);
    index->bounds.push_back(0);
    for (std::uint32_t i = 0; i < chunk.count; ++i) {
        const std::uint64_t end =
            std::uint64_t{index->bounds.back()} + metas.sizes(static_cast<int>(given == 1 ? 0 : i));
        if (end > std::numeric_limits<std::uint32_t>::max()) {
            damaged(log, chunk.first, "its sizes are no sizes");
        }
        index->bounds.push_back(static_cast<std::uint32_t>(end));
    }
    return index;
}

/// Its entries with zeros where some are gone, so that all lie where their sizes say.
core::EntryRun entries_left(core::QueueId log, const core::Chunk& chunk, const store::v1::ChunkMetas& metas,
                            std::string_view bodies) {
    const auto index = sizes_of(log, chunk, metas);
    if (index->bounds.back() > compacted_bytes_max) {
        damaged(log, chunk.first, "its sizes are no sizes");
    }
    std::string bytes(index->bounds.back(), '\0');
    int checksum = 0;
    for (std::uint32_t slot = 0; slot < chunk.count; ++slot) {
        if (chunk.is_missing(chunk.first + slot)) {
            continue;
        }
        const std::uint32_t size = index->bounds[slot + 1] - index->bounds[slot];
        if (size > bodies.size() || checksum == metas.checksums_size()) {
            damaged(log, chunk.first + slot, "its entry is cut");
        }
        index->checksums[slot] = entry_checksum(bodies.substr(0, size));
        const std::uint32_t stored = metas.checksums(checksum++);
        if (core::bind_checksum(index->checksums[slot], log, chunk.first + slot) != stored) {
            damaged(log, chunk.first + slot, "its entry does not match its checksum");
        }
        bodies.copy(bytes.data() + index->bounds[slot], size);
        bodies.remove_prefix(size);
    }
    const auto owner = std::make_shared<const std::string>(std::move(bytes));
    return {{owner, *owner}, index, 0, chunk.count};
}

/// Pairs of first slot and number, ascending.
void add_missing(core::QueueId log, const store::v1::ChunkMetas& metas, core::Chunk& chunk) {
    for (int i = 0; i + 1 < metas.gone_size(); i += 2) {
        const std::uint64_t end = std::uint64_t{metas.gone(i)} + metas.gone(i + 1);
        if (end > chunk.count || (!chunk.missing.empty() && metas.gone(i) <= chunk.missing.back())) {
            damaged(log, chunk.first, "its holes are no holes");
        }
        for (std::uint32_t slot = metas.gone(i); slot < end; ++slot) {
            chunk.missing.push_back(slot);
        }
    }
}

void decode_metas(core::QueueId log, core::Offset first, const std::string& bytes, const Layout& layout,
                  core::Chunk& chunk) {
    store::v1::ChunkMetas metas;
    const char* begin = bytes.data() + layout.head_bytes - layout.metas_bytes;
    if (!metas.ParseFromArray(begin, static_cast<int>(layout.metas_bytes))) {
        damaged(log, first, "its options cannot be read");
    }
    chunk.bytes_before = metas.bytes_before();
    for (const auto& stored : metas.slots()) {
        chunk.metas.emplace_back(stored.slot(), from_proto(stored.meta()));
    }
    std::uint64_t referred = 0;
    for (const auto& stored : metas.references()) {
        chunk.sources.push_back({core::QueueId{stored.log()}, stored.first(), stored.count()});
        referred += stored.count();
    }
    if (referred != (layout.references ? chunk.count : 0)) {
        damaged(log, first, "it refers to other messages than it has");
    }
    if (layout.references) {
        chunk.runs.push_back({core::Buffer{}, sizes_of(log, chunk, metas), 0, chunk.count});
        chunk.bytes = chunk.runs.front().index->bounds.back();
    }
    if (layout.compacted) {
        add_missing(log, metas, chunk);
        const std::string_view bodies = std::string_view(bytes).substr(layout.head_bytes + 8);
        chunk.runs.push_back(entries_left(log, chunk, metas, bodies));
        chunk.bytes = chunk.runs.front().index->bounds.back();
    }
}

}  // namespace

core::ChunkPtr decode_chunk(core::QueueId log, core::Offset first, std::shared_ptr<const std::string> value) {
    const std::string& bytes = *value;
    const Layout layout = layout_of(log, first, bytes);
    auto chunk = std::make_shared<core::Chunk>();
    chunk->log = log;
    chunk->first = first;
    chunk->count = layout.count;
    chunk->stored_at = get_little_endian<core::TimeMs>(bytes.data() + 5);
    chunk->expires_first = get_little_endian<core::TimeMs>(bytes.data() + 13);
    decode_metas(log, first, bytes, layout, *chunk);
    if (layout.references || layout.compacted) {
        return chunk;
    }
    std::shared_ptr<core::EntryIndex> index = index_of(log, first, bytes, layout);
    chunk->bytes = index->bounds.back() - index->bounds.front();
    const std::string_view view(bytes);
    chunk->runs.push_back({{std::move(value), view}, std::move(index), 0, layout.count});
    return chunk;
}

}  // namespace baton::storage
