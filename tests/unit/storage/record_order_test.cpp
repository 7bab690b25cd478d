// The order of changes within a commit, and memtables that are told where the last record went, beside ranges that are
// deleted.
#include "storage/record_order.hpp"

#include "tests/support/entries.hpp"
#include "tests/support/store_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <vector>

using namespace baton;

namespace {

constexpr core::NamespaceId ordered_ns{1};
constexpr core::QueueId ordered_queue{7};

core::PutLaneRecord delayed_put(core::Offset offset, std::uint32_t generation = 0) {
    core::MessageRecord record;
    record.offset = offset;
    record.at = record.ready_at = 1'000 + static_cast<core::TimeMs>(offset);
    record.body = tests::make_entries({"job"});
    return {ordered_ns, ordered_queue, core::Lane::timed, generation, record};
}

core::RemoveLaneRecord delayed_gone(core::Offset offset) {
    return {ordered_ns, ordered_queue, core::Lane::timed, 0, 1'000 + static_cast<core::TimeMs>(offset), offset, 0, {}};
}

std::vector<const core::Mutation*> in_given_order(const std::vector<core::Mutation>& mutations) {
    std::vector<const core::Mutation*> order;
    for (const core::Mutation& mutation : mutations) {
        order.push_back(&mutation);
    }
    return order;
}

}  // namespace

TEST_CASE("changes of single records go in by their keys, changes of one record as they came, others before them") {
    const std::vector<core::Mutation> mutations{
        delayed_put(30),  delayed_put(10),
        delayed_gone(30), core::RemoveLease{ordered_ns, ordered_queue, core::BatchNumber{4}},
        delayed_put(20),  delayed_put(30)};
    const std::vector<const core::Mutation*> order = storage::in_key_order(mutations);
    CHECK(order == std::vector<const core::Mutation*>{&mutations[3], &mutations[1], &mutations[4], &mutations[0],
                                                      &mutations[2], &mutations[5]});
}

TEST_CASE("a commit that removes a range keeps its order") {
    const std::vector<core::Mutation> mutations{
        delayed_put(30), core::SweepLane{ordered_ns, ordered_queue, core::Lane::timed, 1}, delayed_put(10, 1)};
    CHECK(storage::in_key_order(mutations) == in_given_order(mutations));
    const std::vector<core::Mutation> locators{core::PutLocator{ordered_ns, ordered_queue, 9},
                                               core::SweepLocators{ordered_ns, ordered_queue},
                                               core::PutLocator{ordered_ns, ordered_queue, 3}};
    CHECK(storage::in_key_order(locators) == in_given_order(locators));
}

// RocksDB's own fault, which a range that begins with the key of a record would meet: the process would end.
TEST_CASE("records go in beside ranges that are deleted") {
    const tests::TempDir dir;
    const auto store = storage::Store::open(tests::options_in(dir));
    std::uint64_t commit = 0;
    for (core::Offset base = 0; base < 20'000; base += 200) {
        std::vector<core::Mutation> mutations;
        for (core::Offset offset = base; offset < base + 200; ++offset) {
            mutations.push_back(delayed_put(offset));
            core::PutCompleted done{ordered_ns, ordered_queue, 0, offset, 1};
            done.completion = std::make_shared<const core::Completion>();
            mutations.push_back(done);
        }
        core::TrimFinished trim{ordered_ns, ordered_queue, core::FinishedSet::completed, 0, {{base, 100}}, 0, 0};
        store->commit(mutations, ++commit, false);
        store->commit(std::vector<core::Mutation>{trim}, ++commit, false);
    }
    std::vector<core::Offset> all(20'000);
    for (core::Offset offset = 0; offset < all.size(); ++offset) {
        all[offset] = offset;
    }
    const core::ReadJobs read{ordered_ns, ordered_queue, 0, 0, all};
    const auto left = std::get<core::LaneRead>(store->read({1, read}).found);
    CHECK(left.records.size() == 10'000);
    CHECK(std::all_of(left.records.begin(), left.records.end(),
                      [](const core::MessageRecord& record) { return record.offset % 200 >= 100; }));
}
