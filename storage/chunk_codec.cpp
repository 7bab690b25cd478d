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

constexpr char chunk_format = 1;
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
    return metas.SerializeAsString();
}

[[noreturn]] void damaged(core::QueueId log, core::Offset first, const char* what) {
    throw Damage(fmt::format("chunk of queue {} at offset {}: {}", core::value(log), first, what));
}

}  // namespace

std::string encode_chunk_head(const core::Chunk& chunk) {
    const std::string metas = chunk.metas.empty() && chunk.bytes_before == 0 ? std::string() : encode_metas(chunk);
    std::string head;
    head.resize(fixed_bytes + chunk.count * slot_bytes);
    head[0] = chunk_format;
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

core::ChunkPtr decode_chunk(core::QueueId log, core::Offset first, std::shared_ptr<const std::string> value) {
    const std::string& bytes = *value;
    if (bytes.size() < fixed_bytes + 8 || bytes[0] != chunk_format) {
        damaged(log, first, "not a chunk of a known format");
    }
    const auto count = get_little_endian<std::uint32_t>(bytes.data() + 1);
    const auto metas_bytes = get_little_endian<std::uint32_t>(bytes.data() + 21);
    const std::size_t head_bytes = fixed_bytes + std::size_t{count} * slot_bytes + metas_bytes;
    if (count == 0 || bytes.size() > std::numeric_limits<std::uint32_t>::max() || head_bytes + 8 > bytes.size()) {
        damaged(log, first, "its head is cut");
    }
    const std::string_view head(bytes.data(), head_bytes);
    if (get_little_endian<std::uint64_t>(bytes.data() + head_bytes) != checksum(head, seed_of(log, first))) {
        damaged(log, first, "its head does not match its checksum");
    }
    auto index = std::make_shared<core::EntryIndex>();
    index->bounds.reserve(count + 1);
    index->checksums.reserve(count);
    auto begin = static_cast<std::uint32_t>(head_bytes + 8);
    const char* slot = bytes.data() + fixed_bytes;
    for (std::uint32_t i = 0; i < count; ++i, slot += slot_bytes) {
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
    auto chunk = std::make_shared<core::Chunk>();
    chunk->log = log;
    chunk->first = first;
    chunk->count = count;
    chunk->stored_at = get_little_endian<core::TimeMs>(bytes.data() + 5);
    chunk->expires_first = get_little_endian<core::TimeMs>(bytes.data() + 13);
    chunk->bytes = begin - index->bounds.front();
    store::v1::ChunkMetas metas;
    if (!metas.ParseFromArray(bytes.data() + fixed_bytes + count * slot_bytes, static_cast<int>(metas_bytes))) {
        damaged(log, first, "its options cannot be read");
    }
    chunk->bytes_before = metas.bytes_before();
    for (const auto& stored : metas.slots()) {
        chunk->metas.emplace_back(stored.slot(), from_proto(stored.meta()));
    }
    const std::string_view view(bytes);
    chunk->runs.push_back({{std::move(value), view}, std::move(index), 0, count});
    return chunk;
}

}  // namespace baton::storage
