// Groups on disk: their messages in the order of turns and places, read for many groups at once, and their records.
#include "storage/damage.hpp"
#include "storage/record_codec.hpp"
#include "storage/store.hpp"
#include "tests/support/entries.hpp"
#include "tests/support/store_fixture.hpp"
#include "tests/support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace baton;
using core::GroupId;
using core::Lane;
using storage::Store;

namespace {

core::PutLaneRecord grouped(const std::string& group, core::Offset offset, std::int64_t rank = 0) {
    core::PutLaneRecord put{tests::sample_ns, tests::sample_queue, Lane::grouped, 0, {}};
    put.record.offset = offset;
    put.record.rank = rank;
    put.record.turn = 50;
    auto meta = std::make_shared<core::MessageMeta>();
    meta->group = core::make_group(group);
    put.record.group = meta->group->id;
    put.record.meta = std::move(meta);
    put.record.body = tests::make_entries(std::vector<std::string>{std::to_string(offset)});
    return put;
}

core::GroupsRead read_groups(Store& store, core::GroupsWanted wanted, std::uint32_t count_max = 0) {
    core::ReadRequest request;
    request.what = core::ReadGroups{tests::sample_ns, tests::sample_queue, 0, std::move(wanted), 1 << 20, count_max};
    return std::get<core::GroupsRead>(store.read(request).found);
}

core::GroupsWanted ring_from(std::optional<GroupId> after, std::uint32_t groups, std::uint32_t records) {
    core::GroupsWanted wanted;
    wanted.after = after;
    wanted.max_groups = groups;
    wanted.max_records = records;
    return wanted;
}

std::vector<core::Offset> offsets_in(const core::GroupsRead::Heads& heads) {
    std::vector<core::Offset> offsets;
    for (const core::MessageRecord& record : heads.records) {
        offsets.push_back(record.offset);
    }
    return offsets;
}

}  // namespace

TEST_CASE("the first messages of many groups come with one read, in the order of the ring") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    std::vector<core::Mutation> mutations;
    std::map<GroupId, core::Offset> firsts;
    for (core::Offset i = 0; i < 100; ++i) {
        const std::string name = "group " + std::to_string(i);
        mutations.emplace_back(grouped(name, 10 * i + 2));
        mutations.emplace_back(grouped(name, 10 * i + 1));
        mutations.emplace_back(grouped(name, 10 * i + 5, 3));
        firsts[core::group_id_of(name)] = 10 * i + 1;
    }
    core::PutLaneRecord older = grouped("group 1", 999);
    older.generation = 1;
    mutations.emplace_back(older);
    store->commit(mutations, 1, true);
    std::optional<GroupId> after;
    std::vector<core::Offset> seen;
    while (true) {
        const auto page = read_groups(*store, ring_from(after, 30, 2));
        for (const auto& heads : page.groups) {
            REQUIRE(heads.records.size() == 2);
            CHECK_FALSE(heads.at_end);
            CHECK(heads.records[0].group == heads.id);
            CHECK(heads.records[0].lane == Lane::grouped);
            CHECK(heads.records[1].offset == heads.records[0].offset + 1);
            CHECK(heads.records[0].meta->group->id == heads.id);
            seen.push_back(heads.records[0].offset);
            after = heads.id;
        }
        if (page.at_end) {
            break;
        }
        CHECK(page.groups.size() == 30);
    }
    std::vector<core::Offset> expected;
    for (const auto& [id, first] : firsts) {
        expected.push_back(first);
    }
    CHECK(seen == expected);
}

TEST_CASE("named groups are read on from where each stands, and counted") {
    const tests::TempDir dir;
    auto store = Store::open(tests::options_in(dir));
    store->commit(std::vector<core::Mutation>{grouped("a", 1), grouped("a", 2), grouped("a", 3, 9), grouped("b", 4)}, 1,
                  true);
    core::GroupsWanted wanted;
    wanted.max_records = 10;
    const GroupId a = core::group_id_of("a"), c = core::group_id_of("c");
    wanted.from = {{50, 2, 0, a}, {INT64_MIN, 0, INT64_MIN, c}};
    const auto read = read_groups(*store, wanted);
    REQUIRE(read.groups.size() == 2);
    CHECK(offsets_in(read.groups[0]) == std::vector<core::Offset>{2, 3});
    CHECK(read.groups[0].at_end);
    CHECK(read.groups[1].records.empty());
    CHECK(read.groups[1].at_end);
    wanted.from = {{INT64_MIN, 0, INT64_MIN, a}};
    wanted.max_records = 1;
    const auto counted = read_groups(*store, wanted, 2);
    CHECK(counted.groups[0].counted == 2);
    CHECK_FALSE(counted.groups[0].at_end);
    CHECK(counted.groups[0].records.size() == 1);
}

TEST_CASE("a group's record comes back as it was, and is tied to its key") {
    core::PutGroup put{tests::sample_ns, tests::sample_queue, core::group_id_of("g"), "g", {}, {}};
    put.limits.rate = core::RateLimit{5, 6, 7};
    put.limits.max_in_flight = 0;
    put.limits.paused = true;
    put.limits.paused_until = 80;
    put.facts.bucket = {9, 10};
    put.facts.penalty_until = 11;
    put.facts.messages = 12;
    put.facts.delayed = 4;
    put.facts.retrying = 13;
    const storage::Key key = storage::group_key(put.ns, put.id, put.group);
    const auto parsed = storage::parse_key(key.view());
    REQUIRE(parsed);
    CHECK(parsed->kind == storage::KeyKind::group);
    CHECK(parsed->group == put.group);
    const auto back = storage::decode_record(*parsed, storage::encode(put));
    REQUIRE(back);
    const auto& group = std::get<core::PutGroup>(*back);
    CHECK(group.name == "g");
    CHECK(group.group == put.group);
    CHECK(group.limits == put.limits);
    CHECK(group.facts == put.facts);
    storage::ParsedKey other = *parsed;
    other.number += 1;
    CHECK_THROWS_AS(storage::decode_record(other, storage::encode(put)), storage::Damage);
}

TEST_CASE("keys of grouped messages are in order of group, rank, turn and offset") {
    const auto key = [](GroupId group, std::int64_t rank, core::TimeMs at, core::Offset offset) {
        return storage::grouped_key(tests::sample_ns, tests::sample_queue, 0, {at, offset, rank, group});
    };
    const std::vector<storage::Key> keys = {key({1, 5}, -2, 0, 0), key({1, 5}, 0, -9, 7), key({1, 5}, 0, 3, 2),
                                            key({1, 5}, 0, 3, 4),  key({1, 6}, -9, 0, 0), key({2, 0}, 0, 0, 0)};
    CHECK(std::is_sorted(keys.begin(), keys.end()));
    const auto parsed = storage::parse_key(keys[1].view());
    REQUIRE(parsed);
    CHECK(parsed->rank == 0);
    CHECK(parsed->at == -9);
    CHECK(parsed->number == 7);
    CHECK(parsed->group == GroupId{1, 5});
}
