// Lanes on disk: the prioritized one by place, read forwards and backwards, and messages found by their locators.
#include "storage/store.hpp"
#include "tests/support/entries.hpp"
#include "tests/support/store_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <variant>
#include <vector>

using namespace baton;
using core::Lane;
using storage::Store;
using Offsets = std::vector<core::Offset>;

namespace {

core::PutLaneRecord ranked(core::Offset offset, std::int64_t rank, core::TimeMs turn, std::uint32_t generation = 0) {
    core::PutLaneRecord put{tests::sample_ns, tests::sample_queue, Lane::prioritized, generation, {}};
    put.record.offset = offset;
    put.record.rank = rank;
    put.record.turn = turn;
    put.record.ready_at = 77;
    auto meta = std::make_shared<core::MessageMeta>();
    meta->priority = static_cast<std::uint32_t>(rank);
    meta->lifo = turn < 0;
    meta->front = turn < 0 ? static_cast<std::uint64_t>(-turn) : 0;
    meta->fence = offset + 1;
    put.record.meta = std::move(meta);
    put.record.body = tests::make_entries(std::vector<std::string>{std::to_string(offset)});
    return put;
}

core::LaneRead read(Store& store, core::ReadLane what) {
    what.ns = tests::sample_ns;
    what.id = tests::sample_queue;
    what.lane = Lane::prioritized;
    what.max_bytes = UINT64_MAX;
    core::ReadRequest request;
    request.what = what;
    return std::get<core::LaneRead>(store.read(request).found);
}

Offsets offsets_of(const core::LaneRead& read) {
    Offsets offsets;
    for (const core::MessageRecord& record : read.records) {
        offsets.push_back(record.offset);
    }
    return offsets;
}

core::LaneRead find(Store& store, Offsets offsets) {
    core::ReadRequest request;
    request.what = core::ReadJobs{tests::sample_ns, tests::sample_queue, 0, 0, std::move(offsets)};
    return std::get<core::LaneRead>(store.read(request).found);
}

}  // namespace

TEST_CASE("prioritized records are in order of rank, turn and offset, in both directions") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    store->commit(std::vector<core::Mutation>{ranked(5, 3, 10), ranked(4, 3, 10), ranked(9, 3, -2), ranked(8, 3, -1),
                                              ranked(1, 2, 500), ranked(2, 0, -7), ranked(6, 1, 1, 1)},
                  1, true);
    core::ReadLane forwards;
    forwards.from_at = INT64_MIN;
    forwards.from_rank = INT64_MIN;
    forwards.max_records = 100;
    const core::LaneRead all = read(*store, forwards);
    CHECK(offsets_of(all) == Offsets{2, 1, 9, 8, 4, 5});
    CHECK(all.at_end);
    const core::MessageRecord& front = all.records[2];
    CHECK(front.lane == Lane::prioritized);
    CHECK(front.rank == 3);
    CHECK(front.turn == -2);
    CHECK(front.ready_at == 77);
    CHECK(front.meta->lifo);
    CHECK(front.meta->front == 2);
    CHECK(front.meta->fence == 10);
    core::ReadLane backwards;
    backwards.from_at = INT64_MAX;
    backwards.from_rank = INT64_MAX;
    backwards.from_offset = UINT64_MAX;
    backwards.max_records = 2;
    backwards.backwards = true;
    CHECK(offsets_of(read(*store, backwards)) == Offsets{5, 4});
    backwards.from_rank = 3;
    backwards.from_at = 10;
    backwards.from_offset = 4;
    CHECK(offsets_of(read(*store, backwards)) == Offsets{8, 9});
    backwards.max_records = 100;
    CHECK(read(*store, backwards).at_end);
}

TEST_CASE("a message is found by its locator, else in the failed set, else not at all") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    core::PutLaneRecord timed{tests::sample_ns, tests::sample_queue, Lane::timed, 0, {}};
    timed.record = ranked(2, 0, 0).record;
    timed.record.at = 900;
    core::PutLaneRecord failed{tests::sample_ns, tests::sample_queue, Lane::failed, 0, {}};
    failed.record = ranked(3, 0, 0).record;
    store->commit(
        std::vector<core::Mutation>{
            ranked(1, 7, 50), core::PutLocator{tests::sample_ns, tests::sample_queue, 1, Lane::prioritized, 50, 7},
            timed, core::PutLocator{tests::sample_ns, tests::sample_queue, 2, Lane::timed, 900, 0}, failed,
            core::PutLocator{tests::sample_ns, tests::sample_queue, 4, Lane::timed, 1, 0}},
        1, true);
    const core::LaneRead found = find(*store, {1, 2, 3, 4, 5});
    CHECK(offsets_of(found) == Offsets{1, 2, 3});
    CHECK(found.records[0].lane == Lane::prioritized);
    CHECK(found.records[1].lane == Lane::timed);
    CHECK(found.records[2].lane == Lane::failed);
    store->commit(std::vector<core::Mutation>{core::RemoveLocator{tests::sample_ns, tests::sample_queue, 1}}, 2, true);
    CHECK(offsets_of(find(*store, {1, 2})) == Offsets{2});
    store->commit(std::vector<core::Mutation>{core::SweepLocators{tests::sample_ns, tests::sample_queue}}, 3, true);
    CHECK(offsets_of(find(*store, {1, 2, 3})) == Offsets{3});
}

TEST_CASE("start-up does not load locators, and sweeping a lane leaves its newer generation") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    store->commit(
        std::vector<core::Mutation>{
            core::PutNamespace{tests::sample_ns, "default"}, ranked(1, 7, 50, 0), ranked(2, 7, 50, 1),
            core::PutLocator{tests::sample_ns, tests::sample_queue, 1, Lane::prioritized, 50, 7},
            core::SweepLane{tests::sample_ns, tests::sample_queue, Lane::prioritized, 1}},
        1, true);
    std::size_t loaded = 0;
    store->load([&](core::Mutation&& record) { loaded += std::holds_alternative<core::PutLocator>(record) ? 100 : 1; });
    CHECK(loaded == 1);
    core::ReadLane all;
    all.from_at = INT64_MIN;
    all.from_rank = INT64_MIN;
    all.max_records = 10;
    CHECK(read(*store, all).records.empty());
    all.generation = 1;
    CHECK(offsets_of(read(*store, all)) == Offsets{2});
}

TEST_CASE("what is due to expire is found with the chunks and records that it names") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    auto chunk = std::make_shared<core::Chunk>();
    chunk->log = tests::sample_queue;
    chunk->first = 40;
    chunk->count = 1;
    chunk->runs = {tests::make_entries(std::vector<std::string>{"forty"})};
    chunk->bytes = chunk->runs[0].bytes().size();
    const auto expiry = [](core::TimeMs at, core::Offset offset, bool in_lane) {
        return core::PutExpiry{tests::sample_ns, tests::sample_queue, at, offset, in_lane, Lane::prioritized, 10, 3};
    };
    store->commit(
        std::vector<core::Mutation>{core::PutChunk{tests::sample_ns, chunk}, ranked(5, 3, 10), expiry(100, 40, false),
                                    expiry(200, 5, true), expiry(300, 6, true), expiry(900, 7, true)},
        1, true);
    core::ReadRequest request;
    request.what = core::ReadExpiring{tests::sample_ns, tests::sample_queue, 0, 50, 500, 100, UINT64_MAX};
    const auto found = std::get<core::ExpiringRead>(store->read(request).found);
    REQUIRE(found.entries.size() == 3);
    CHECK(found.next_at == 900);
    REQUIRE(found.entries[0].chunk);
    CHECK(found.entries[0].chunk->first == 40);
    REQUIRE(found.entries[1].record);
    CHECK(found.entries[1].record->offset == 5);
    CHECK_FALSE(found.entries[2].record);
    store->commit(
        std::vector<core::Mutation>{core::RemoveExpiry{tests::sample_ns, tests::sample_queue, 100, 40, false}}, 2,
        true);
    CHECK(std::get<core::ExpiringRead>(store->read(request).found).entries.size() == 2);
    store->commit(std::vector<core::Mutation>{core::SweepExpiries{tests::sample_ns, tests::sample_queue}}, 3, true);
    CHECK(std::get<core::ExpiringRead>(store->read(request).found).entries.empty());
}
