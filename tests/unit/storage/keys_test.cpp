#include "storage/keys.hpp"

#include "storage/expiry_keys.hpp"
#include "storage/finished_keys.hpp"
#include "storage/report_keys.hpp"
#include "storage/startup_ranges.hpp"
#include "tests/support/prng.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace baton;
using storage::Key;
using storage::KeyKind;

namespace {

constexpr core::NamespaceId ns{7};
constexpr core::QueueId queue{42};

void sorts_before(const Key& a, const Key& b) {
    CHECK(a < b);
    CHECK_FALSE(b < a);
}

}  // namespace

TEST_CASE("chunks of one log sort by offset, and logs do not mix") {
    sorts_before(storage::chunk_key(ns, queue, 0), storage::chunk_key(ns, queue, 1));
    sorts_before(storage::chunk_key(ns, queue, 255), storage::chunk_key(ns, queue, 256));
    sorts_before(storage::chunk_key(ns, queue, UINT64_MAX), storage::chunk_key(ns, core::QueueId{43}, 0));
    sorts_before(storage::chunk_key(ns, queue, 5), storage::chunk_key(core::NamespaceId{8}, core::QueueId{0}, 0));
}

TEST_CASE("timed records sort by generation, then due time, then offset, before 1970 too") {
    sorts_before(storage::timed_key(ns, queue, 0, 900, 9), storage::timed_key(ns, queue, 1, 0, 0));
    sorts_before(storage::timed_key(ns, queue, 0, -5, 9), storage::timed_key(ns, queue, 0, 5, 0));
    sorts_before(storage::timed_key(ns, queue, 0, 5, 1), storage::timed_key(ns, queue, 0, 5, 2));
}

TEST_CASE("a key says what went into it") {
    const auto timed = storage::parse_key(storage::timed_key(ns, queue, 3, -17, 99).view());
    REQUIRE(timed);
    CHECK(timed->kind == KeyKind::timed);
    CHECK(timed->ns == ns);
    CHECK(timed->queue == queue);
    CHECK(timed->generation == 3);
    CHECK(timed->at == -17);
    CHECK(timed->number == 99);
    const auto chunk = storage::parse_key(storage::chunk_key(ns, queue, 4096).view());
    REQUIRE(chunk);
    CHECK(chunk->number == 4096);
    CHECK(storage::parse_key(storage::queue_state_key(ns, queue).view())->kind == KeyKind::queue_state);
    CHECK(storage::parse_key(storage::namespace_key(ns).view())->ns == ns);
    CHECK(storage::parse_key(storage::commit_key().view())->kind == KeyKind::commit);
}

TEST_CASE("bytes that follow no rule of the grammar are no key") {
    CHECK_FALSE(storage::parse_key(""));
    CHECK_FALSE(storage::parse_key("x"));
    std::string cut(storage::chunk_key(ns, queue, 1).view());
    cut.pop_back();
    CHECK_FALSE(storage::parse_key(cut));
    CHECK_FALSE(storage::parse_key(std::string("\x01\0\0\0\x07\x7f\0\0\0\0\0\0\0\x01", 14)));
}

TEST_CASE("prioritized keys sort by rank, then turn, then offset, and parse back") {
    const auto key = [](std::int64_t rank, core::TimeMs turn, core::Offset offset) {
        return storage::prioritized_key(ns, queue, 0, {turn, offset, rank});
    };
    sorts_before(key(-4, 9, 9), key(0, -9, 0));
    sorts_before(key(2, -7, 9), key(2, -6, 0));
    sorts_before(key(2, -1, 9), key(2, 0, 0));
    sorts_before(key(2, 5, 1), key(2, 5, 2));
    sorts_before(key(2, INT64_MAX, 9), key(3, INT64_MIN, 0));
    const auto parsed = storage::parse_key(storage::prioritized_key(ns, queue, 6, {-17, 99, 5}).view());
    REQUIRE(parsed);
    CHECK(parsed->kind == KeyKind::prioritized);
    CHECK(parsed->generation == 6);
    CHECK(parsed->rank == 5);
    CHECK(parsed->at == -17);
    CHECK(parsed->number == 99);
}

TEST_CASE("expiries sort by time, then kind and offset, and say what went in") {
    sorts_before(storage::expiry_key(ns, queue, -5, true, 9), storage::expiry_key(ns, queue, 5, false, 0));
    sorts_before(storage::expiry_key(ns, queue, 5, false, 9), storage::expiry_key(ns, queue, 5, true, 0));
    const auto parsed = storage::parse_key(storage::expiry_key(ns, queue, -5, true, 9).view());
    REQUIRE(parsed);
    CHECK(parsed->kind == KeyKind::expiry);
    CHECK(parsed->at == -5);
    CHECK(parsed->generation == 1);
    CHECK(parsed->number == 9);
}

TEST_CASE("what start-up loads leaves out locators, finished batches, expiries and reports only") {
    const auto ranges = storage::small_records_ranges(ns);
    const auto loaded = [&](const Key& key) {
        return std::any_of(ranges.begin(), ranges.end(),
                           [&](const storage::KeyRange& range) { return !(key < range.begin) && key < range.end; });
    };
    CHECK(loaded(storage::producer_key(ns, queue, UINT64_MAX)));
    CHECK(loaded(storage::queue_key(ns, core::QueueId{0})));
    CHECK_FALSE(loaded(storage::locator_key(ns, core::QueueId{0}, 0)));
    CHECK_FALSE(loaded(storage::locator_key(ns, core::QueueId{UINT64_MAX}, UINT64_MAX)));
    CHECK_FALSE(loaded(storage::expiry_key(ns, core::QueueId{0}, INT64_MIN, false, 0)));
    CHECK_FALSE(loaded(storage::expiry_key(ns, core::QueueId{UINT64_MAX}, INT64_MAX, true, UINT64_MAX)));
    CHECK_FALSE(loaded(storage::finished_key(ns, queue, core::FinishedSet::failed, 1, 0)));
    CHECK_FALSE(loaded(storage::prioritized_key(ns, queue, 0, {0, 0, 0})));
    CHECK_FALSE(loaded(storage::report_key(ns, core::QueueId{0}, 0, 0)));
    CHECK_FALSE(loaded(storage::report_key(ns, core::QueueId{UINT64_MAX}, UINT64_MAX, UINT64_MAX)));
    CHECK(loaded(storage::schedule_key(ns, core::ScheduleId{UINT64_MAX}, UINT64_MAX)));
}

TEST_CASE("what jobs said sorts by job, then part, and a range holds whole jobs") {
    sorts_before(storage::report_key(ns, queue, 5, UINT64_MAX), storage::report_key(ns, queue, 6, 0));
    const auto parsed = storage::parse_key(storage::report_key(ns, queue, 5, 9).view());
    REQUIRE(parsed);
    CHECK(parsed->kind == KeyKind::report);
    CHECK(parsed->seq == 5);
    CHECK(parsed->number == 9);
    const storage::KeyRange jobs = storage::reports_range(ns, queue, 5, 7);
    CHECK(storage::report_key(ns, queue, 4, UINT64_MAX) < jobs.begin);
    CHECK(storage::report_key(ns, queue, 6, UINT64_MAX) < jobs.end);
    CHECK_FALSE(storage::report_key(ns, queue, 7, 0) < jobs.end);
}

TEST_CASE("a range holds exactly the keys of its kind and queue") {
    const storage::KeyRange range = storage::queue_range(ns, queue, KeyKind::chunk);
    const auto inside = [&](const Key& key) { return !(key < range.begin) && key < range.end; };
    CHECK(inside(storage::chunk_key(ns, queue, 0)));
    CHECK(inside(storage::chunk_key(ns, queue, UINT64_MAX)));
    CHECK_FALSE(inside(storage::chunk_key(ns, core::QueueId{43}, 0)));
    CHECK_FALSE(inside(storage::chunk_key(ns, core::QueueId{41}, UINT64_MAX)));
    CHECK_FALSE(inside(storage::timed_key(ns, queue, 0, 0, 0)));
    const storage::KeyRange below = storage::lane_range_below(ns, queue, core::Lane::timed, 2);
    CHECK(storage::timed_key(ns, queue, 1, INT64_MAX, UINT64_MAX) < below.end);
    CHECK_FALSE(storage::timed_key(ns, queue, 2, INT64_MIN, 0) < below.end);
}
