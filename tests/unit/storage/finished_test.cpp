// What is kept of finished messages, on a real database: records, batches, holes, trimming, and the newest first.
#include "storage/finished_codec.hpp"
#include "storage/finished_keys.hpp"
#include "tests/support/entries.hpp"
#include "tests/support/store_fixture.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace baton;

namespace {

constexpr core::NamespaceId finished_ns{1};
constexpr core::QueueId finished_queue{5};

core::PutCompleted completed_run(core::Offset first, std::uint32_t count, std::uint64_t seq, bool with_bodies) {
    core::PutCompleted put;
    put.ns = finished_ns;
    put.id = finished_queue;
    put.first = first;
    put.count = count;
    put.finished_seq = seq;
    put.stored_at = 100;
    put.ready_at = 150;
    put.finished_at = 300;
    put.completion = std::make_shared<const core::Completion>(core::Completion{
        200, "w", std::make_shared<const core::JobResult>(core::JobResult{"text/plain", "r" + std::to_string(seq)})});
    if (with_bodies) {
        std::vector<std::string> payloads;
        for (std::uint32_t i = 0; i < count; ++i) {
            payloads.push_back("job " + std::to_string(first + i));
        }
        put.bodies = tests::make_entries(payloads);
    }
    return put;
}

core::PutFinished finished_batch(std::uint64_t seq, core::Offset first, std::uint32_t count) {
    core::PutFinished put{finished_ns, finished_queue, core::FinishedSet::completed, {}};
    put.batch.seq = seq;
    put.batch.at = 300;
    put.batch.ranges = {{first, count}};
    put.batch.sizes.assign(count, 70);
    return put;
}

core::LaneRead newest(storage::Store& store, std::uint64_t from_seq, std::uint32_t most,
                      std::optional<core::Offset> behind = {}) {
    core::ReadNewest read{finished_ns,        finished_queue,     0,    1,        from_seq,
                          behind.has_value(), behind.value_or(0), most, 1'000'000};
    return std::get<core::LaneRead>(store.read({1, read}).found);
}

std::vector<core::Offset> completed_in(const core::LaneRead& read) {
    std::vector<core::Offset> offsets;
    for (const core::MessageRecord& record : read.records) {
        offsets.push_back(record.offset);
    }
    return offsets;
}

std::unique_ptr<storage::Store> store_with_three_batches(const tests::TempDir& dir) {
    auto store = storage::Store::open(tests::options_in(dir));
    store->commit(std::vector<core::Mutation>{completed_run(10, 3, 1, true), finished_batch(1, 10, 3)}, 1, true);
    store->commit(std::vector<core::Mutation>{completed_run(20, 2, 2, false), finished_batch(2, 20, 2)}, 2, true);
    store->commit(std::vector<core::Mutation>{completed_run(5, 1, 3, true), finished_batch(3, 5, 1)}, 3, true);
    return store;
}

}  // namespace

TEST_CASE("completed records come back by id, with and without their bodies") {
    const tests::TempDir dir;
    const auto store = store_with_three_batches(dir);
    const core::ReadJobs read{finished_ns, finished_queue, 0, 0, {11, 21, 99}};
    const auto found = std::get<core::LaneRead>(store->read({1, read}).found);
    REQUIRE(found.records.size() == 2);
    const core::MessageRecord& whole = found.records[0];
    CHECK(whole.offset == 11);
    CHECK(whole.lane == core::Lane::completed);
    CHECK(tests::payload_of(whole.body, 0) == "job 11");
    CHECK(whole.stored_at == 100);
    CHECK(whole.ready_at == 150);
    CHECK(whole.at == 300);
    CHECK(whole.finished_seq == 1);
    CHECK(whole.completion->started_at == 200);
    CHECK(whole.completion->worker == "w");
    CHECK(whole.completion->result->value == "r1");
    CHECK(found.records[1].offset == 21);
    CHECK(found.records[1].body.count == 0);
}

TEST_CASE("the newest come first, page by page, without what has left") {
    const tests::TempDir dir;
    const auto store = store_with_three_batches(dir);
    CHECK(completed_in(newest(*store, 3, 10)) == std::vector<core::Offset>{5, 21, 20, 12, 11, 10});
    CHECK(newest(*store, 3, 10).at_end);
    CHECK_FALSE(newest(*store, 3, 2).at_end);
    CHECK(completed_in(newest(*store, 2, 2, 21)) == std::vector<core::Offset>{20, 12});
    store->commit(
        std::vector<core::Mutation>{
            core::RemoveLaneRecord{finished_ns, finished_queue, core::Lane::completed, 0, 0, 11, 0},
            core::PutFinishedGone{finished_ns, finished_queue, core::FinishedSet::completed, 1, 11}},
        4, true);
    CHECK(completed_in(newest(*store, 3, 10)) == std::vector<core::Offset>{5, 21, 20, 12, 10});
    const core::ReadFinished read{finished_ns, finished_queue, core::FinishedSet::completed, 1, 3, 10};
    const auto log = std::get<core::FinishedRead>(store->read({1, read}).found);
    REQUIRE(log.batches.size() == 2);
    CHECK(log.batches[0].gone == std::vector<core::Offset>{11});
    CHECK(log.batches[0].sizes == std::vector<std::uint32_t>{70, 70, 70});
    CHECK(log.batches[1].gone.empty());
}

TEST_CASE("trimming removes records one by one or as a range, and the batches") {
    const tests::TempDir dir;
    const auto store = store_with_three_batches(dir);
    store->commit(std::vector<core::Mutation>{completed_run(1'000, 100, 4, false), finished_batch(4, 1'000, 100)}, 4,
                  true);
    core::TrimFinished trim{finished_ns, finished_queue, core::FinishedSet::completed, 0, {}, 1, 3};
    trim.records = {{10, 3}, {20, 2}, {1'000, 99}};
    store->commit(std::vector<core::Mutation>{trim}, 5, true);
    CHECK(completed_in(newest(*store, 4, 200)) == std::vector<core::Offset>{1'099, 5});
    const core::ReadFinished read{finished_ns, finished_queue, core::FinishedSet::completed, 1, 9, 10};
    CHECK(std::get<core::FinishedRead>(store->read({1, read}).found).batches.size() == 2);
}

TEST_CASE("a damaged batch is refused") {
    const core::PutFinished put = finished_batch(7, 10, 3);
    std::string value = storage::encode(put);
    const auto key = storage::finished_key(finished_ns, finished_queue, core::FinishedSet::completed, 7, 0);
    CHECK(storage::decode_finished(*storage::parse_key(key.view()), value).ranges == put.batch.ranges);
    value.back() = static_cast<char>(value.back() ^ 1);
    CHECK_THROWS(storage::decode_finished(*storage::parse_key(key.view()), value));
    const auto other = storage::finished_key(finished_ns, finished_queue, core::FinishedSet::completed, 8, 0);
    CHECK_THROWS(storage::decode_finished(*storage::parse_key(other.view()), storage::encode(put)));
    CHECK(storage::describe_key(key.view()) == "finished batch 0 of queue 5 in namespace 1");
}

TEST_CASE("events are read from any number on, and trimmed by chunk") {
    const tests::TempDir dir;
    const auto store = storage::Store::open(tests::options_in(dir));
    const auto chunk_from = [](std::uint64_t seq, std::uint32_t events) {
        auto chunk = std::make_shared<core::EventChunk>();
        chunk->first_seq = seq;
        chunk->at = 100;
        chunk->bytes = 50;
        for (std::uint32_t i = 0; i < events; ++i) {
            chunk->events.push_back({core::EventType::completed, seq + i, 3, nullptr});
        }
        chunk->events.back().detail = std::make_shared<const core::EventDetail>(core::EventDetail{"why", "data"});
        return core::PutEvents{finished_ns, finished_queue, std::move(chunk)};
    };
    store->commit(std::vector<core::Mutation>{chunk_from(1, 3), chunk_from(4, 2), chunk_from(6, 1)}, 1, true);
    const auto read = [&](std::uint64_t from, std::uint32_t most = 10) {
        const core::ReadEvents wanted{finished_ns, finished_queue, from, most, 1'000'000};
        return std::get<core::EventsRead>(store->read({1, wanted}).found).chunks;
    };
    const auto all = read(1);
    REQUIRE(all.size() == 3);
    CHECK(all[0]->events.size() == 3);
    CHECK(all[0]->events[1].first == 2);
    CHECK(all[0]->events[1].count == 3);
    CHECK(all[0]->events[2].detail->text == "why");
    CHECK(all[0]->events[2].detail->data == "data");
    CHECK(all[0]->bytes == 50);
    CHECK(read(5).front()->first_seq == 4);
    CHECK(read(2, 1).size() == 1);
    CHECK(read(7).empty());
    store->commit(std::vector<core::Mutation>{core::TrimEventChunks{finished_ns, finished_queue, 1, 6}}, 2, true);
    CHECK(read(1).front()->first_seq == 6);
    store->commit(std::vector<core::Mutation>{core::SweepQueue{finished_ns, finished_queue}}, 3, true);
    CHECK(read(1).empty());
}
