#pragma once
// Small commits for tests of the real store: commit n appends chunk n to one log, so that what came back is easy to
// tell.

#include "server/core/mutation.hpp"
#include "storage/store.hpp"
#include "tests/support/entries.hpp"
#include "tests/support/temp_dir.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace baton::tests {

/// A store in `dir` that reserves little of the disk.
inline storage::StoreOptions options_in(const TempDir& dir) {
    storage::StoreOptions options;
    options.data_dir = dir / "data";
    options.reserve_bytes = 1 << 20;
    return options;
}

inline constexpr core::NamespaceId sample_ns{1};
inline constexpr core::QueueId sample_queue{1};

/// Chunk `n` of the sample log: one message with the payload `message <n>`.
inline core::Mutation sample_chunk(std::uint64_t n) {
    auto chunk = std::make_shared<core::Chunk>();
    chunk->log = sample_queue;
    chunk->first = n;
    chunk->count = 1;
    chunk->runs = {make_entries(std::vector<std::string>{"message " + std::to_string(n)})};
    chunk->bytes = chunk->runs.front().bytes().size();
    return core::PutChunk{sample_ns, chunk};
}

inline void commit_sample(storage::Store& store, std::uint64_t n, bool sync = true) {
    const std::vector<core::Mutation> mutations{sample_chunk(n)};
    store.commit(mutations, 1'000 + static_cast<core::TimeMs>(n), sync);
}

/// How many chunks, from the first, are there without a gap; fails the caller's check by -1 when there is one.
inline std::int64_t samples_in(storage::Store& store) {
    core::ReadRequest request;
    request.what = core::ReadChunks{sample_ns, sample_queue, 0, 1'000'000, UINT64_MAX};
    const auto answer = store.read(request);
    std::int64_t n = 0;
    for (const core::ChunkPtr& chunk : std::get<core::ChunksRead>(answer.found).chunks) {
        if (chunk->first != static_cast<std::uint64_t>(n) ||
            payload_of(chunk->at(chunk->first), 0) != "message " + std::to_string(n)) {
            return -1;
        }
        ++n;
    }
    return n;
}

}  // namespace baton::tests
