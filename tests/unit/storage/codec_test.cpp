#include "storage/chunk_codec.hpp"
#include "storage/damage.hpp"
#include "storage/record_codec.hpp"
#include "storage/startup_ranges.hpp"
#include "storage/totals_codec.hpp"
#include "tests/support/entries.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <string>

using namespace baton;

namespace {

core::Chunk sample_chunk() {
    core::Chunk chunk;
    chunk.log = core::QueueId{3};
    chunk.first = 1'000;
    chunk.stored_at = 1'700'000'000'000;
    chunk.runs = {tests::make_entries(std::vector<std::string>{"one", "two"}),
                  tests::make_entries(std::vector<std::string>{std::string(300, 'x'), ""}).slice(0, 1)};
    chunk.count = 3;
    auto meta = std::make_shared<core::MessageMeta>();
    meta->expires_at = 99;
    meta->counters = {4, 2, 1};
    auto origin = std::make_shared<core::Origin>();
    origin->queue = "from";
    origin->attempts = {{5, 3, "worker", "class", "why", "stack"}};
    meta->origin = origin;
    chunk.metas.emplace_back(1, meta);
    return chunk;
}

std::string value_of(const core::Chunk& chunk) {
    std::string value = storage::encode_chunk_head(chunk);
    for (const auto& run : chunk.runs) {
        value += run.bytes();
    }
    return value;
}

core::ChunkPtr decode(std::string value, core::Offset first = 1'000) {
    return storage::decode_chunk(core::QueueId{3}, first, std::make_shared<const std::string>(std::move(value)));
}

storage::ParsedKey key_of(const storage::Key& key) { return *storage::parse_key(key.view()); }

}  // namespace

TEST_CASE("a chunk comes back as it was stored") {
    const core::ChunkPtr chunk = decode(value_of(sample_chunk()));
    CHECK(chunk->count == 3);
    CHECK(chunk->stored_at == 1'700'000'000'000);
    CHECK(tests::payload_of(chunk->at(1'000), 0) == "one");
    CHECK(tests::payload_of(chunk->at(1'002), 0) == std::string(300, 'x'));
    const core::MetaPtr meta = chunk->meta_of(1'001);
    REQUIRE(meta);
    CHECK(meta->expires_at == 99);
    CHECK(meta->counters == core::Counters{4, 2, 1});
    CHECK(meta->origin->attempts.front().reason == "why");
    CHECK_FALSE(chunk->meta_of(1'000));
}

TEST_CASE("no flipped bit of a chunk passes") {
    const std::string value = value_of(sample_chunk());
    for (std::size_t i = 0; i < value.size(); ++i) {
        std::string flipped = value;
        flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
        CHECK_THROWS_AS(decode(flipped), storage::Damage);
    }
}

TEST_CASE("no cut chunk passes") {
    const std::string value = value_of(sample_chunk());
    for (std::size_t n = 0; n < value.size(); ++n) {
        CHECK_THROWS_AS(decode(value.substr(0, n)), storage::Damage);
    }
}

TEST_CASE("an intact chunk under another offset does not pass") {
    CHECK_THROWS_AS(decode(value_of(sample_chunk()), 2'000), storage::Damage);
}

TEST_CASE("a lane record keeps its body, history and place") {
    core::PutLaneRecord put;
    put.id = core::QueueId{9};
    put.generation = 2;
    put.record.offset = 77;
    put.record.ready_at = 5;
    put.record.stored_at = 4;
    put.record.at = 6;
    put.record.reason = core::EndReason::rejected;
    put.record.body = tests::make_entries(std::vector<std::string>{"body"});
    std::string value = storage::encode_lane_head(put);
    value += put.record.body.bytes();
    const auto key = key_of(storage::timed_key({}, put.id, 2, 6, 77));
    const core::MessageRecord record = storage::decode_lane_record(key, value);
    CHECK(record.offset == 77);
    CHECK(record.ready_at == 5);
    CHECK(record.reason == core::EndReason::rejected);
    CHECK(tests::payload_of(record.body, 0) == "body");
    value.back() = static_cast<char>(value.back() ^ 1);
    CHECK_THROWS_AS(storage::decode_lane_record(key, value), storage::Damage);
}

TEST_CASE("the queue state survives with its pages") {
    core::PutQueueState state;
    state.ns = core::NamespaceId{1};
    state.id = core::QueueId{5};
    state.end = 100;
    state.low = 7;
    state.horizon = 50;
    state.totals = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, {11, 12, 13}};
    state.full_pages = {{3, 2}};
    state.starts = {{4, 60}, {5, 80}};
    state.low_page.assign(64, 0xF0F0F0F0F0F0F0F0ULL);
    state.producers.push_back({state.ns, state.id, 77, 1'000, 2'000, 4, {{5, 30, 2, {}}}});
    const auto decoded =
        storage::decode_record(key_of(storage::queue_state_key(state.ns, state.id)), storage::encode(state));
    REQUIRE(decoded);
    const auto& back = std::get<core::PutQueueState>(*decoded);
    CHECK(back.end == 100);
    CHECK(back.horizon == 50);
    CHECK(back.totals == state.totals);
    CHECK(back.full_pages == state.full_pages);
    CHECK(back.low_page == state.low_page);
    CHECK(back.starts == state.starts);
    REQUIRE(back.producers.size() == 1);
    CHECK(back.producers[0].id == state.id);
    CHECK(back.producers[0].producer == 77);
    CHECK(back.producers[0].created_at == 1'000);
    CHECK(back.producers[0].used_at == 2'000);
    CHECK(back.producers[0].acked_through == 4);
    REQUIRE(back.producers[0].stored.size() == 1);
    CHECK(back.producers[0].stored[0].first == 30);
}

TEST_CASE("the minutes of a queue survive, in their order, and are read at a start") {
    const core::PutJobMinutes minutes{core::NamespaceId{1}, core::QueueId{5}, {{28'000'000, 3, 0}, {28'000'002, 0, 4}}};
    const auto key = storage::job_minutes_key(minutes.ns, minutes.id);
    const auto decoded = storage::decode_record(key_of(key), storage::encode(minutes));
    REQUIRE(decoded);
    const auto& back = std::get<core::PutJobMinutes>(*decoded);
    CHECK(back.id == minutes.id);
    CHECK(back.minutes == minutes.minutes);
    std::string torn = storage::encode(minutes);
    torn.back() = static_cast<char>(torn.back() ^ 1);
    CHECK_THROWS_AS(storage::decode_record(key_of(key), torn), storage::Damage);
    const auto ranges = storage::small_records_ranges(minutes.ns);
    CHECK(std::any_of(ranges.begin(), ranges.end(),
                      [&](const storage::KeyRange& range) { return !(key < range.begin) && key < range.end; }));
}

TEST_CASE("limits and what they keep survive, and a queue without them stores not a byte of it") {
    core::PutQueueState state;
    state.ns = core::NamespaceId{1};
    state.id = core::QueueId{5};
    const std::string without = storage::encode(state);
    state.bucket = {12'345, 1'700'000'000'000};
    state.penalty_until = 1'700'000'030'000;
    const std::string with = storage::encode(state);
    CHECK(with.size() > without.size());
    const auto decoded = storage::decode_record(key_of(storage::queue_state_key(state.ns, state.id)), with);
    const auto& back = std::get<core::PutQueueState>(*decoded);
    CHECK(back.bucket == state.bucket);
    CHECK(back.penalty_until == state.penalty_until);
    state.bucket = {};
    state.penalty_until = 0;
    CHECK(storage::encode(state).size() == without.size());

    core::PutQueue queue;
    queue.id = core::QueueId{5};
    queue.name = "q";
    queue.settings.rate_limit = {7, 60'000, 9};
    queue.settings.max_in_flight = 3;
    queue.settings.paused_until = 99;
    queue.settings.block_timeout_ms = 1'234;
    queue.settings.overflow = core::Overflow::block;
    const auto record = storage::decode_record(key_of(storage::queue_key({}, queue.id)), storage::encode(queue));
    CHECK(std::get<core::PutQueue>(*record).settings == queue.settings);
}

TEST_CASE("a message that came back keeps the time it waits for, and an older record has none") {
    core::PutReturned returned;
    returned.id = core::QueueId{5};
    returned.offset = 31;
    returned.counters = {2, 1, 0};
    returned.cause = core::Cause::failed;
    const storage::Key key = storage::returned_key({}, returned.id, returned.offset);
    const auto before = storage::decode_record(key_of(key), storage::encode(returned));
    CHECK(std::get<core::PutReturned>(*before).not_before == 0);
    const std::size_t bytes = storage::encode(returned).size();
    returned.not_before = 1'700'000'000'123;
    const auto after = storage::decode_record(key_of(key), storage::encode(returned));
    CHECK(std::get<core::PutReturned>(*after).not_before == 1'700'000'000'123);
    CHECK(std::get<core::PutReturned>(*after).counters == returned.counters);
    // Without it the record is what it always was.
    CHECK(storage::encode(returned).size() > bytes);
}

TEST_CASE("a damaged record names itself") {
    core::PutReturned returned;
    returned.id = core::QueueId{5};
    returned.offset = 31;
    std::string value = storage::encode(returned);
    value.back() = static_cast<char>(value.back() ^ 4);
    CHECK_THROWS_WITH(storage::decode_record(key_of(storage::returned_key({}, returned.id, 31)), value),
                      Catch::Contains("queue 5") && Catch::Contains("31"));
}
