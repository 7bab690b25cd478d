// The index of names on disk: looked up, looked through, ended in order, and what is parked.
#include "storage/store.hpp"
#include "tests/support/entries.hpp"
#include "tests/support/store_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <variant>
#include <vector>

using namespace baton;
using storage::Store;

namespace {

core::Name id_of(const std::string& text, core::QueueId of = tests::sample_queue) {
    return {of, core::NameKind::id, text};
}
core::Name key_named(const std::string& text) { return {tests::sample_queue, core::NameKind::dedup, text}; }

template <typename Found, typename Wanted>
Found ask(Store& store, Wanted wanted) {
    wanted.ns = tests::sample_ns;
    wanted.id = tests::sample_queue;
    core::ReadRequest request;
    request.what = std::move(wanted);
    return std::get<Found>(store.read(request).found);
}

std::vector<std::string> texts_of(const core::NamesRead& read) {
    std::vector<std::string> texts;
    for (const auto& [name, record] : read.found) {
        texts.push_back(name.text);
    }
    return texts;
}

core::Parked parked_message(const std::string& payload) {
    auto meta = std::make_shared<core::MessageMeta>();
    meta->priority = 3;
    meta->identity = std::make_shared<const core::Identity>(
        core::Identity{"", core::Dedup{"key", core::DedupMode::keep_last, 0, false, true}});
    return {7, 1'000, 50, 60, std::move(meta), tests::make_entries(std::vector<std::string>{payload})};
}

}  // namespace

TEST_CASE("names are found by their text, and end with their queue") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    const std::string longest(256, '\xFF');
    const core::NameRecord record{12, true, 500, 3, 4};
    store->commit(std::vector<core::Mutation>{core::PutName{tests::sample_ns, id_of("a"), {1}},
                                              core::PutName{tests::sample_ns, id_of("ab"), {2}},
                                              core::PutName{tests::sample_ns, key_named("a"), {3}},
                                              core::PutName{tests::sample_ns, id_of(longest), record},
                                              core::PutName{tests::sample_ns, id_of("a", core::QueueId{99}), {5}}},
                  1, true);
    core::ReadNames wanted;
    wanted.names = {id_of("a"), id_of("b"), key_named("a"), id_of(longest)};
    auto found = ask<core::NamesRead>(*store, wanted);
    REQUIRE(found.found.size() == 3);
    CHECK(found.found[0] == std::pair{id_of("a"), core::NameRecord{1}});
    CHECK(found.found[1] == std::pair{key_named("a"), core::NameRecord{3}});
    CHECK(found.found[2] == std::pair{id_of(longest), record});
    store->commit(std::vector<core::Mutation>{core::RemoveName{tests::sample_ns, id_of("a")}}, 2, true);
    CHECK(ask<core::NamesRead>(*store, wanted).found.size() == 2);
    store->commit(std::vector<core::Mutation>{core::SweepQueue{tests::sample_ns, tests::sample_queue}}, 3, true);
    CHECK(ask<core::NamesRead>(*store, wanted).found.empty());
}

TEST_CASE("a look through all names shows those whose holders are stored nowhere") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    core::PutLaneRecord held{tests::sample_ns, tests::sample_queue, core::Lane::failed, 0, {}};
    held.record.offset = 1;
    held.record.body = tests::make_entries(std::vector<std::string>{"x"});
    store->commit(std::vector<core::Mutation>{held, core::PutName{tests::sample_ns, id_of("a"), {1}},
                                              core::PutName{tests::sample_ns, id_of("b"), {2}},
                                              core::PutName{tests::sample_ns, id_of("c"), {3}},
                                              core::PutName{tests::sample_ns, key_named("d"), {4}}},
                  1, true);
    core::ReadNames page;
    page.max_names = 2;
    auto found = ask<core::NamesRead>(*store, page);
    CHECK(texts_of(found) == std::vector<std::string>{"b"});
    REQUIRE(found.last == id_of("b"));
    page.from = *found.last;
    found = ask<core::NamesRead>(*store, page);
    CHECK(texts_of(found) == std::vector<std::string>{"c", "d"});
    CHECK_FALSE(found.last);
    page.from = id_of("c");
    CHECK(texts_of(ask<core::NamesRead>(*store, page)) == std::vector<std::string>{"d"});
}

TEST_CASE("ends of names come in order of time, and apart from those by count") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    const auto end = [](core::TimeMs until, std::uint64_t number) {
        return core::PutNameEnd{tests::sample_ns, {until, number, number * 10, id_of(std::to_string(number))}};
    };
    store->commit(
        std::vector<core::Mutation>{end(300, 1), end(100, 2), end(INT64_MAX, 3), end(200, 4), end(INT64_MAX, 5)}, 1,
        true);
    core::ReadNameEnds wanted;
    wanted.max_ends = 2;
    auto found = ask<core::NameEndsRead>(*store, wanted);
    REQUIRE(found.ends.size() == 2);
    CHECK(found.ends[0].end.number == 2);
    CHECK(found.ends[0].end.until == 100);
    CHECK(found.ends[1].end.number == 4);
    wanted.by_count = true;
    found = ask<core::NameEndsRead>(*store, wanted);
    REQUIRE(found.ends.size() == 2);
    CHECK(found.ends[0].end.number == 3);
    CHECK(found.ends[0].end.turn == 30);
    CHECK(found.ends[0].end.name == id_of("3"));
    store->commit(std::vector<core::Mutation>{core::RemoveNameEnd{tests::sample_ns, tests::sample_queue, INT64_MAX, 3}},
                  2, true);
    CHECK(ask<core::NameEndsRead>(*store, wanted).ends.size() == 1);
}

TEST_CASE("an end whose name has another record by now says so") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    const auto end = [](const char* id, std::uint64_t number) {
        return core::PutNameEnd{tests::sample_ns, {100, number, 0, id_of(id)}};
    };
    const auto name = [](const char* id, std::uint64_t number) {
        core::NameRecord record{1};
        record.number = number;
        return core::PutName{tests::sample_ns, id_of(id), record};
    };
    store->commit(std::vector<core::Mutation>{end("a", 1), name("a", 1), end("b", 2), name("b", 7), end("gone", 3)}, 1,
                  true);
    core::ReadNameEnds wanted;
    wanted.max_ends = 10;
    const auto found = ask<core::NameEndsRead>(*store, wanted);
    REQUIRE(found.ends.size() == 3);
    CHECK(found.ends[0].current);
    CHECK_FALSE(found.ends[1].current);
    CHECK_FALSE(found.ends[2].current);
}

TEST_CASE("jobs read for their sizes come without their bodies") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    core::PutLaneRecord failed{tests::sample_ns, tests::sample_queue, core::Lane::failed, 0, {}};
    failed.record.offset = 1;
    failed.record.body = tests::make_entries(std::vector<std::string>{"some payload"});
    store->commit(std::vector<core::Mutation>{failed}, 1, true);
    core::ReadJobs wanted;
    wanted.offsets = {1};
    auto found = ask<core::LaneRead>(*store, wanted);
    REQUIRE(found.records.size() == 1);
    CHECK(tests::payload_of(found.records[0].body, 0) == "some payload");
    wanted.sizes_only = true;
    found = ask<core::LaneRead>(*store, wanted);
    REQUIRE(found.records.size() == 1);
    CHECK(found.records[0].body.size_of(0) == failed.record.body.size_of(0));
    CHECK(found.records[0].body.buffer.view.empty());
    CHECK(found.records[0].body.buffer.owner == nullptr);
}

TEST_CASE("what is parked is loaded at start, and the index is not") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    core::PutNamespace space{tests::sample_ns, "default"};
    core::PutQueue created{tests::sample_ns, tests::sample_queue, "q", core::Profile::job, 1, {}};
    store->commit(
        std::vector<core::Mutation>{
            space, created, core::PutParked{tests::sample_ns, tests::sample_queue, "key", parked_message("old")},
            core::PutParked{tests::sample_ns, tests::sample_queue, "key", parked_message("new")},
            core::PutName{tests::sample_ns, key_named("key"), {7}}},
        1, true);
    std::vector<core::PutParked> loaded;
    store->load([&](core::Mutation&& record) {
        CHECK_FALSE(std::holds_alternative<core::PutName>(record));
        if (auto* parked = std::get_if<core::PutParked>(&record)) {
            loaded.push_back(std::move(*parked));
        }
    });
    REQUIRE(loaded.size() == 1);
    CHECK(loaded[0].key == "key");
    CHECK(loaded[0].parked.holder == 7);
    CHECK(loaded[0].parked.parked_at == 1'000);
    CHECK(loaded[0].parked.delay_ms == 50);
    CHECK(loaded[0].parked.ttl_ms == 60);
    CHECK(loaded[0].parked.meta->priority == 3);
    CHECK(*loaded[0].parked.meta->identity == *parked_message("").meta->identity);
    CHECK(tests::payload_of(loaded[0].parked.body, 0) == "new");
}
