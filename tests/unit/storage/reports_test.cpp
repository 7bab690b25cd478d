// What jobs say about themselves, on a real database.
#include "storage/damage.hpp"
#include "storage/report_codec.hpp"
#include "storage/report_keys.hpp"
#include "tests/support/store_fixture.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace baton;

namespace {

constexpr core::NamespaceId reports_ns{1};
constexpr core::QueueId reports_queue{5};

core::Mutation progress_of(core::Offset offset, const std::string& value) {
    return core::PutProgress{reports_ns, reports_queue, offset,
                             std::make_shared<const core::JobProgress>(core::JobProgress{7, value})};
}

core::Mutation log_part(core::Offset offset, std::uint64_t first, std::vector<std::string> lines) {
    return core::PutLogPart{reports_ns, reports_queue, offset, {first, 9, std::move(lines)}};
}

core::ReportRead report_in(storage::Store& store, core::Offset offset) {
    return std::get<core::ReportRead>(store.read({1, core::ReadReport{reports_ns, reports_queue, offset}}).found);
}

void write(storage::Store& store, const std::vector<core::Mutation>& mutations) {
    store.commit(mutations, 1'000, true);
}

}  // namespace

TEST_CASE("a report is read back, part by part, also after the store was opened again") {
    const tests::TempDir dir;
    auto store = storage::Store::open(tests::options_in(dir));
    write(*store, {progress_of(4, "half"), log_part(4, 1, {"a", "b"}), log_part(4, 3, {"c"}),
                   core::PutLogBounds{reports_ns, reports_queue, 4, 2, 4}, progress_of(5, "other")});
    store.reset();
    store = storage::Store::open(tests::options_in(dir));
    const core::ReportRead report = report_in(*store, 4);
    REQUIRE(report.progress);
    CHECK(report.progress->value == "half");
    CHECK(report.progress->at == 7);
    CHECK(report.first_line == 2);
    CHECK(report.next_line == 4);
    REQUIRE(report.parts.size() == 2);
    CHECK(report.parts[0].lines == std::vector<std::string>{"a", "b"});
    CHECK(report.parts[1].first_line == 3);
    CHECK(report.parts[1].at == 9);
    CHECK_FALSE(report_in(*store, 6).progress);
    write(*store, {core::RemoveLogPart{reports_ns, reports_queue, 4, 1}});
    CHECK(report_in(*store, 4).parts.size() == 1);
}

TEST_CASE("a removal takes what is stored and what the same commit stores, and no other job's") {
    const tests::TempDir dir;
    const auto store = storage::Store::open(tests::options_in(dir));
    write(*store, {progress_of(3, "before"), progress_of(4, "a"), log_part(4, 1, {"a"}), progress_of(6, "c")});
    write(*store, {progress_of(5, "b"), log_part(4, 2, {"b"}), core::RemoveReports{reports_ns, reports_queue, {4, 2}},
                   progress_of(5, "anew")});
    CHECK(report_in(*store, 3).progress);
    CHECK_FALSE(report_in(*store, 4).progress);
    CHECK(report_in(*store, 4).parts.empty());
    CHECK(report_in(*store, 5).progress->value == "anew");
    CHECK(report_in(*store, 6).progress);
    write(*store, {core::SweepQueue{reports_ns, reports_queue}});
    CHECK_FALSE(report_in(*store, 3).progress);
}

TEST_CASE("jobs that said something are listed with whether they have a record") {
    const tests::TempDir dir;
    const auto store = storage::Store::open(tests::options_in(dir));
    core::MessageRecord failed;
    failed.offset = 4;
    failed.lane = core::Lane::failed;
    failed.body = tests::make_entries(std::vector<std::string>{"x"});
    write(*store, {progress_of(2, "a"), log_part(2, 1, {"a"}), progress_of(3, "b"), progress_of(4, "c"),
                   core::PutLocator{reports_ns, reports_queue, 2, core::Lane::timed, 0, 0, {}},
                   core::PutLaneRecord{reports_ns, reports_queue, core::Lane::failed, 6, failed}});
    const auto reported = [&](core::Offset from, std::uint32_t most) {
        return std::get<core::ReportedRead>(
            store->read({1, core::ReadReported{reports_ns, reports_queue, from, most, 6, 0}}).found);
    };
    const core::ReportedRead all = reported(0, 10);
    REQUIRE(all.jobs.size() == 3);
    CHECK(all.at_end);
    CHECK(all.jobs[0].has_record);
    CHECK_FALSE(all.jobs[1].has_record);
    CHECK(all.jobs[2].has_record);
    CHECK_FALSE(reported(0, 2).at_end);
    CHECK(reported(3, 1).jobs.at(0).offset == 3);
}

TEST_CASE("a record under the key of another job or part is damage") {
    const core::PutProgress put{reports_ns, reports_queue, 4,
                                std::make_shared<const core::JobProgress>(core::JobProgress{7, "half"})};
    const std::string value = storage::encode(put);
    const auto read_as = [&](core::Offset offset, std::uint64_t part) {
        core::ReportRead out;
        const auto key = storage::parse_key(storage::report_key(reports_ns, reports_queue, offset, part).view());
        storage::decode_report(*key, value, out);
        return out;
    };
    CHECK(read_as(4, storage::progress_part).progress->value == "half");
    CHECK_THROWS_AS(read_as(5, storage::progress_part), storage::Damage);
    CHECK_THROWS_AS(read_as(4, storage::log_bounds_part), storage::Damage);
}
