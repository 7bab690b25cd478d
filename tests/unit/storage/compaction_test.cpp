// Topics of which compaction takes messages out, on the real store: the index of keys, and chunks with holes.
#include "storage/chunk_codec.hpp"
#include "storage/damage.hpp"
#include "storage/key_index.hpp"
#include "tests/support/store_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace baton;

namespace {

constexpr core::QueueId compacted_log{7}, reading_log{9};

core::GroupId key_of(const std::string& payload) { return core::group_id_of(payload.substr(0, 1)); }

/// The first letter is the key; what is missing was longer.
core::ChunkPtr keyed_chunk(core::Offset first, const std::vector<std::string>& payloads,
                           std::vector<std::uint32_t> missing = {}) {
    auto chunk = std::make_shared<core::Chunk>();
    chunk->log = compacted_log;
    chunk->first = first;
    chunk->count = static_cast<std::uint32_t>(payloads.size());
    chunk->stored_at = 5;
    chunk->bytes_before = 1'000;
    chunk->runs = {tests::make_entries(payloads)};
    chunk->bytes = chunk->runs.front().bytes().size();
    chunk->missing = std::move(missing);
    for (std::uint32_t slot = 0; slot < payloads.size(); ++slot) {
        if (!chunk->is_missing(first + slot)) {
            auto meta = std::make_shared<core::MessageMeta>();
            meta->group = core::make_group(payloads[slot].substr(0, 1));
            chunk->metas.emplace_back(slot, std::move(meta));
        }
    }
    return chunk;
}

core::PutLastOfKey last_of(const std::string& key, core::Offset offset) {
    return {tests::sample_ns, compacted_log, key_of(key), offset};
}

core::ChunksRead read_topic(storage::Store& store, core::QueueId log = compacted_log) {
    core::ReadRequest request;
    request.what = core::ReadChunks{tests::sample_ns, log, 0, 10, UINT64_MAX, log == compacted_log};
    auto answer = store.read(request);
    return std::get<core::ChunksRead>(answer.found);
}

using Slots = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("a read says what has a later message of its key, and what is in no index has none") {
    const tests::TempDir dir;
    const auto store = storage::Store::open(tests::options_in(dir));
    store->commit(
        std::vector<core::Mutation>{core::PutChunk{tests::sample_ns, keyed_chunk(0, {"a1", "b1", "a2", "c1"})},
                                    last_of("a", 2), last_of("b", 1)},
        1'000, true);
    CHECK(read_topic(*store).superseded == std::vector<Slots>{{0}});
    store->commit(std::vector<core::Mutation>{core::PutChunk{tests::sample_ns, keyed_chunk(4, {"b2", "a3"})},
                                              last_of("a", 5), last_of("b", 4)},
                  1'001, true);
    CHECK(read_topic(*store).superseded == std::vector<Slots>{{0, 1, 2}, {}});
    // Another one has taken its place, in the same commit or before.
    store->commit(std::vector<core::Mutation>{core::RemoveLastOfKey{tests::sample_ns, compacted_log, key_of("b"), 1},
                                              core::RemoveLastOfKey{tests::sample_ns, compacted_log, key_of("a"), 5},
                                              last_of("a", 6)},
                  1'002, true);
    CHECK(read_topic(*store).superseded == std::vector<Slots>{{0, 1, 2}, {1}});
    store->commit(std::vector<core::Mutation>{core::RemoveLastOfKey{tests::sample_ns, compacted_log, key_of("a"), 6}},
                  1'003, true);
    CHECK(read_topic(*store).superseded == std::vector<Slots>{{1}, {}});
    store->commit(std::vector<core::Mutation>{core::SweepQueue{tests::sample_ns, compacted_log}}, 1'004, true);
    CHECK(read_topic(*store).chunks.empty());
}

TEST_CASE("a chunk with holes keeps sizes and places, and what is left") {
    const core::ChunkPtr chunk = keyed_chunk(40, {"a-long-one", "b1", "a2", "c-another", "d1"}, {0, 3});
    std::string value = storage::encode_chunk_head(*chunk);
    for (const core::Offset offset : {41, 42, 44}) {
        value += chunk->at(offset).bytes();
    }
    const auto back = storage::decode_chunk(compacted_log, 40, std::make_shared<const std::string>(value));
    CHECK(back->missing == chunk->missing);
    CHECK(back->count == 5);
    CHECK(back->bytes == chunk->bytes);
    CHECK(back->bytes_before == 1'000);
    CHECK(back->metas.size() == 3);
    for (core::Offset offset = 40; offset < 45; ++offset) {
        CHECK(back->at(offset).size_of(0) == chunk->at(offset).size_of(0));
        CHECK((back->is_missing(offset) || back->at(offset).bytes() == chunk->at(offset).bytes()));
    }
    CHECK(back->missing_in(41, 45).bytes == chunk->at(43).size_of(0));
    CHECK(storage::encode_chunk_head(*back) == storage::encode_chunk_head(*chunk));
    for (std::size_t i = 0; i < value.size(); ++i) {
        std::string torn = value;
        torn[i] = static_cast<char>(torn[i] ^ 0x40);
        INFO(i);
        CHECK_THROWS_AS(storage::decode_chunk(compacted_log, 40, std::make_shared<const std::string>(torn)),
                        storage::Damage);
    }
    CHECK_THROWS_AS(
        storage::decode_chunk(compacted_log, 40, std::make_shared<const std::string>(value, 0, value.size() - 1)),
        storage::Damage);
}

TEST_CASE("a chunk is written again and again, and then gone, also for those who refer to it") {
    const tests::TempDir dir;
    auto store = storage::Store::open(tests::options_in(dir));
    auto references = std::make_shared<core::Chunk>(*keyed_chunk(0, {"a1", "b1", "a2"}));
    references->log = reading_log;
    references->metas.clear();
    references->sources = {{compacted_log, 0, 3}};
    const core::RemoveChunk gone{tests::sample_ns, compacted_log, 0};
    const auto put = [](Slots missing) {
        return core::PutChunk{tests::sample_ns, keyed_chunk(0, {"a1", "b1", "a2"}, std::move(missing))};
    };
    store->commit(std::vector<core::Mutation>{put({}), core::PutChunk{tests::sample_ns, references}}, 1'000, true);
    store->commit(std::vector<core::Mutation>{gone, put({0})}, 1'001, true);
    store->commit(std::vector<core::Mutation>{gone, put({0, 1})}, 1'002, true);
    CHECK(read_topic(*store).chunks.at(0)->missing == Slots{0, 1});
    CHECK(read_topic(*store, reading_log).chunks.at(0)->missing == Slots{0, 1});
    CHECK(tests::payload_of(read_topic(*store, reading_log).chunks.at(0)->at(2), 0) == "a2");
    store.reset();
    store = storage::Store::open(tests::options_in(dir));
    CHECK(read_topic(*store).chunks.at(0)->missing == Slots{0, 1});
    store->commit(std::vector<core::Mutation>{gone}, 1'003, true);
    CHECK(read_topic(*store).chunks.empty());
    CHECK(read_topic(*store, reading_log).chunks.at(0)->missing == Slots{0, 1, 2});
}

TEST_CASE("a thousand messages that are gone are a few bytes") {
    Slots all;
    for (std::uint32_t slot = 0; slot < 1'000; ++slot) {
        all.push_back(slot);
    }
    const core::ChunkPtr chunk = keyed_chunk(0, std::vector<std::string>(1'000, "twelve bytes"), all);
    CHECK(storage::encode_chunk_head(*chunk).size() < 100);
}
