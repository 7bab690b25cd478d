// Chunks that only say where their messages are, on the real store; and the records of selections.
#include "storage/chunk_codec.hpp"
#include "storage/damage.hpp"
#include "storage/record_codec.hpp"
#include "storage/selection_codec.hpp"
#include "tests/support/store_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace baton;

namespace {

constexpr core::QueueId topic{7}, subscription{9};

core::PutChunk topic_chunk(core::Offset first, const std::vector<std::string>& payloads) {
    auto chunk = std::make_shared<core::Chunk>();
    chunk->log = topic;
    chunk->first = first;
    chunk->count = static_cast<std::uint32_t>(payloads.size());
    chunk->stored_at = 5;
    chunk->runs = {tests::make_entries(payloads)};
    chunk->bytes = chunk->runs.front().bytes().size();
    return {tests::sample_ns, chunk};
}

core::PutChunk reference_chunk(const std::vector<std::string>& payloads, std::vector<core::ChunkSource> sources) {
    core::PutChunk put = topic_chunk(0, payloads);
    auto chunk = std::make_shared<core::Chunk>(*put.chunk);
    chunk->log = subscription;
    chunk->sources = std::move(sources);
    return {tests::sample_ns, chunk};
}

std::vector<core::ChunkPtr> read_all_references(storage::Store& store, core::Offset from = 0) {
    core::ReadRequest request;
    request.what = core::ReadChunks{tests::sample_ns, subscription, from, 10, UINT64_MAX};
    auto answer = store.read(request);
    return std::get<core::ChunksRead>(answer.found).chunks;
}

core::ChunkPtr read_references(storage::Store& store) { return read_all_references(store).at(0); }

/// What the topic has at an offset, where several of its chunks are needed.
std::string numbered(core::Offset offset) { return "m" + std::to_string(1'000 + offset); }

std::vector<std::string> numbered(core::Offset first, std::uint32_t count) {
    std::vector<std::string> payloads;
    for (core::Offset offset = first; offset < first + count; ++offset) {
        payloads.push_back(numbered(offset));
    }
    return payloads;
}

core::PutChunk references_from(core::Offset first, const std::vector<core::ChunkSource>& sources) {
    std::vector<std::string> payloads;
    for (const core::ChunkSource& source : sources) {
        const auto some = numbered(source.first, source.count);
        payloads.insert(payloads.end(), some.begin(), some.end());
    }
    core::PutChunk put = reference_chunk(payloads, sources);
    auto chunk = std::make_shared<core::Chunk>(*put.chunk);
    chunk->first = first;
    return {tests::sample_ns, chunk};
}

/// The offsets in the topic of what is there, checked against its payloads.
std::vector<core::Offset> found_in(const core::Chunk& chunk) {
    std::vector<core::Offset> found;
    for (core::Offset at = chunk.first; at < chunk.end(); ++at) {
        if (!chunk.is_missing(at)) {
            found.push_back(chunk.source_of(at).first);
            CHECK(tests::payload_of(chunk.at(at), 0) == numbered(found.back()));
        }
    }
    return found;
}

}  // namespace

TEST_CASE("a chunk of references is small, and comes back with the bodies of its topics") {
    const tests::TempDir dir;
    const auto store = storage::Store::open(tests::options_in(dir));
    const std::string large(50'000, 'x');
    const core::PutChunk references = reference_chunk({large, "c", "f"}, {{topic, 1, 2}, {topic, 5, 1}});
    CHECK(storage::encode_chunk_head(*references.chunk).size() < 200);
    store->commit(
        std::vector<core::Mutation>{topic_chunk(0, {"a", large, "c", "d"}), topic_chunk(4, {"e", "f"}), references},
        1'000, true);
    const core::ChunkPtr read = read_references(*store);
    CHECK(read->missing.empty());
    CHECK(read->count == 3);
    CHECK(tests::payload_of(read->at(0), 0) == large);
    CHECK(tests::payload_of(read->at(1), 0) == "c");
    CHECK(tests::payload_of(read->at(2), 0) == "f");
    CHECK(read->stored_at == 5);
}

TEST_CASE("what a topic no longer has is missing, and keeps its size") {
    const tests::TempDir dir;
    const auto store = storage::Store::open(tests::options_in(dir));
    store->commit(std::vector<core::Mutation>{topic_chunk(0, {"aa", "bb"}), topic_chunk(2, {"cc"}),
                                              reference_chunk({"aa", "bb", "cc"}, {{topic, 0, 3}}),
                                              core::RemoveChunk{tests::sample_ns, topic, 0}},
                  1'000, true);
    const core::ChunkPtr read = read_references(*store);
    CHECK(read->missing == std::vector<std::uint32_t>{0, 1});
    CHECK(tests::payload_of(read->at(2), 0) == "cc");
    CHECK(read->at(0).size_of(0) == read->at(2).size_of(0));
}

TEST_CASE("chunk after chunk finds its bodies, in runs, scattered, or further back, and what is gone of each") {
    const tests::TempDir dir;
    const auto store = storage::Store::open(tests::options_in(dir));
    std::vector<core::Mutation> commit;
    for (core::Offset first = 0; first < 200; first += 40) {
        commit.push_back(topic_chunk(first, numbered(first, 40)));
    }
    commit.push_back(core::RemoveChunk{tests::sample_ns, topic, 40});
    commit.push_back(references_from(0, {{topic, 0, 100}}));
    commit.push_back(references_from(100, {{topic, 70, 1}, {topic, 101, 1}, {topic, 103, 2}, {topic, 160, 1}}));
    commit.push_back(references_from(105, {{topic, 120, 80}}));
    // A search does not go further back than a chunk can be long.
    commit.push_back(topic_chunk(100'000, numbered(100'000, 1)));
    commit.push_back(references_from(185, {{topic, 100'000, 1}, {topic, 10, 1}, {topic, 199, 1}}));
    store->commit(std::move(commit), 1'000, true);
    const auto read = read_all_references(*store);
    REQUIRE(read.size() == 4);
    CHECK(read[0]->missing.size() == 40);
    CHECK(read[0]->missing.front() == 40);
    CHECK(read[0]->at(41).size_of(0) == read[0]->at(0).size_of(0));
    CHECK(found_in(*read[0]).size() == 60);
    CHECK(read[1]->missing == std::vector<std::uint32_t>{0});
    CHECK(found_in(*read[1]) == std::vector<core::Offset>{101, 103, 104, 160});
    CHECK(found_in(*read[2]).size() == 80);
    CHECK(found_in(*read_all_references(*store, 185).at(0)) == std::vector<core::Offset>{100'000, 10, 199});
}

TEST_CASE("a reference to a message of another length than was meant is damage") {
    const tests::TempDir dir;
    const auto store = storage::Store::open(tests::options_in(dir));
    store->commit(std::vector<core::Mutation>{topic_chunk(0, {"aa", "bb"}), reference_chunk({"xxx"}, {{topic, 0, 1}})},
                  1'000, true);
    CHECK_THROWS_AS(read_references(*store), storage::StorageFailure);
}

TEST_CASE("a thousand references to messages of one length are a few bytes") {
    const std::vector<std::string> payloads(1'000, "twelve bytes");
    const std::string value = storage::encode_chunk_head(*reference_chunk(payloads, {{topic, 7, 1'000}}).chunk);
    CHECK(value.size() < 100);
    const auto back = storage::decode_chunk(subscription, 0, std::make_shared<const std::string>(value));
    CHECK(back->count == 1'000);
    CHECK(back->at(999).size_of(0) == topic_chunk(0, payloads).chunk->runs.front().size_of(999));
}

TEST_CASE("a chunk of references that is torn is damage") {
    const core::PutChunk references = reference_chunk({"aa", "bb"}, {{topic, 0, 2}});
    const std::string whole = storage::encode_chunk_head(*references.chunk);
    const auto decode = [](std::string value) {
        return storage::decode_chunk(subscription, 0, std::make_shared<const std::string>(std::move(value)));
    };
    CHECK(decode(whole)->sources.size() == 1);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        std::string torn = whole;
        torn[i] = static_cast<char>(torn[i] ^ 0x40);
        INFO(i);
        CHECK_THROWS_AS(decode(torn), storage::Damage);
    }
    CHECK_THROWS_AS(decode(whole.substr(0, whole.size() - 1)), storage::Damage);
}

TEST_CASE("bindings and fills survive, with their selections") {
    core::FilterCondition condition;
    condition.header = "amount";
    condition.test = core::FilterTest::range;
    condition.from = 1.5;
    condition.negated = true;
    const auto filter = std::make_shared<const core::MessageFilter>(core::MessageFilter{{condition}, true});
    core::PutBinding binding{tests::sample_ns, core::BindingId{4}, core::QueueId{5}, {}};
    binding.spec.name = "b";
    binding.spec.selects = std::make_shared<const core::Selection>(core::Selection{"order.*", filter});
    binding.spec.options = {5, std::nullopt, 9U, "region", "urgency"};
    const auto key = storage::binding_key(binding.ns, binding.queue, binding.id);
    const auto back = std::get<core::PutBinding>(
        storage::decode_record(*storage::parse_key(key.view()), storage::encode(binding)).value());
    CHECK(back.id == binding.id);
    CHECK(back.queue == binding.queue);
    CHECK(back.spec.name == "b");
    CHECK(back.spec.selects->pattern == "order.*");
    CHECK(*back.spec.selects->filter == *filter);
    CHECK(back.spec.options == binding.spec.options);

    const core::PutFill fill{tests::sample_ns, subscription, topic, 17, 1'700'000'000'000, 40};
    const auto fill_key = storage::fill_key(fill.ns, fill.id, fill.topic);
    const auto filled = std::get<core::PutFill>(
        storage::decode_record(*storage::parse_key(fill_key.view()), storage::encode(fill)).value());
    CHECK(filled.topic == topic);
    CHECK(filled.from == 17);
    CHECK(filled.since == fill.since);
    CHECK(filled.last_per_key_below == 40);
}
