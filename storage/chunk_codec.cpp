#include "storage/chunk_codec.hpp"

#include "baton/store/v1/store.pb.h"
#include "storage/byte_order.hpp"
#include "storage/checksums.hpp"
#include "storage/damage.hpp"
#include "storage/meta_codec.hpp"

#include <fmt/format.h>

#include <limits>

namespace baton::storage {

namespace {

constexpr char chunk_format = 1, reference_format = 2;
constexpr std::size_t fixed_bytes = 1 + 4 + 8 + 8 + 4;
constexpr std::size_t slot_bytes = 8;

std::uint64_t seed_of(core::QueueId log, core::Offset first) {
    return core::value(log) * 0x9E3779B97F4A7C15ULL ^ first;
}

std::string encode_metas(const core::Chunk& chunk) {
    store::v1::ChunkMetas metas;
    for (const auto& [slot, meta] : chunk.metas) {
        auto& stored = *metas.add_slots();
        stored.set_slot(slot);
        to_proto(*meta, *stored.mutable_meta());
    }
    metas.set_bytes_before(chunk.bytes_before);
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

}  // namespace

std::string encode_chunk_head(const core::Chunk& chunk) {
    const bool plain = chunk.metas.empty() && chunk.bytes_before == 0 && chunk.sources.empty();
    const std::string metas = plain ? std::string() : encode_metas(chunk);
    std::string head;
    head.resize(fixed_bytes + chunk.count * slot_bytes);
    head[0] = chunk.sources.empty() ? chunk_format : reference_format;
    put_little_endian(head.data() + 1, chunk.count);
    put_little_endian(head.data() + 5, chunk.stored_at);
    put_little_endian(head.data() + 13, chunk.expires_first);
    put_little_endian(head.data() + 21, static_cast<std::uint32_t>(metas.size()));
    char* slot = head.data() + fixed_bytes;
    core::Offset offset = chunk.first;
    for (const core::EntryRun& run : chunk.runs) {
        for (std::uint32_t i = 0; i < run.count; ++i, ++offset, slot += slot_bytes) {
            put_little_endian(slot, run.size_of(i));
            put_little_endian(slot + 4, core::bind_checksum(run.checksum_of(i), chunk.log, offset));
        }
    }
    head += metas;
    append_little_endian(head, checksum(head, seed_of(chunk.log, chunk.first)));
    return head;
}

namespace {

/// What stands where in a chunk's value.
struct Layout {
    bool references = false;
    std::uint32_t count = 0;
    std::size_t metas_bytes = 0, head_bytes = 0;
};

Layout layout_of(core::QueueId log, core::Offset first, const std::string& bytes) {
    if (bytes.size() < fixed_bytes + 8 || (bytes[0] != chunk_format && bytes[0] != reference_format)) {
        damaged(log, first, "not a chunk of a known format");
    }
    Layout layout;
    layout.references = bytes[0] == reference_format;
    layout.count = get_little_endian<std::uint32_t>(bytes.data() + 1);
    layout.metas_bytes = get_little_endian<std::uint32_t>(bytes.data() + 21);
    layout.head_bytes = fixed_bytes + std::size_t{layout.count} * slot_bytes + layout.metas_bytes;
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

/// Where its entries lie; those that follow are verified.
std::shared_ptr<core::EntryIndex> index_of(core::QueueId log, core::Offset first, const std::string& bytes,
                                           const Layout& layout) {
    auto index = std::make_shared<core::EntryIndex>();
    index->bounds.reserve(layout.count + 1);
    index->checksums.reserve(layout.count);
    std::uint64_t begin = layout.references ? 0 : layout.head_bytes + 8;
    const char* slot = bytes.data() + fixed_bytes;
    for (std::uint32_t i = 0; i < layout.count; ++i, slot += slot_bytes) {
        const auto size = get_little_endian<std::uint32_t>(slot);
        const auto stored = get_little_endian<std::uint32_t>(slot + 4);
        if (size > (layout.references ? std::numeric_limits<std::uint32_t>::max() : bytes.size()) - begin) {
            damaged(log, first + i, "its entry is cut");
        }
        std::uint32_t sum = core::bind_checksum(stored, log, first + i);
        if (!layout.references && sum != entry_checksum({bytes.data() + begin, size})) {
            damaged(log, first + i, "its entry does not match its checksum");
        }
        index->bounds.push_back(static_cast<std::uint32_t>(begin));
        index->checksums.push_back(sum);
        begin += size;
    }
    index->bounds.push_back(static_cast<std::uint32_t>(begin));
    return index;
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
}

}  // namespace

core::ChunkPtr decode_chunk(core::QueueId log, core::Offset first, std::shared_ptr<const std::string> value) {
    const std::string& bytes = *value;
    const Layout layout = layout_of(log, first, bytes);
    const std::shared_ptr<core::EntryIndex> index = index_of(log, first, bytes, layout);
    auto chunk = std::make_shared<core::Chunk>();
    chunk->log = log;
    chunk->first = first;
    chunk->count = layout.count;
    chunk->stored_at = get_little_endian<core::TimeMs>(bytes.data() + 5);
    chunk->expires_first = get_little_endian<core::TimeMs>(bytes.data() + 13);
    chunk->bytes = index->bounds.back() - index->bounds.front();
    decode_metas(log, first, bytes, layout, *chunk);
    const std::string_view view(bytes);
    core::Buffer buffer = layout.references ? core::Buffer{} : core::Buffer{std::move(value), view};
    chunk->runs.push_back({std::move(buffer), index, 0, layout.count});
    return chunk;
}

}  // namespace baton::storage
