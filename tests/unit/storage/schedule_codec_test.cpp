#include "server/core/schedule_spec.hpp"
#include "storage/chunk_codec.hpp"
#include "storage/damage.hpp"
#include "storage/keys.hpp"
#include "storage/record_codec.hpp"
#include "storage/startup_ranges.hpp"
#include "tests/support/entries.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <string>

using namespace baton;

namespace {

constexpr core::NamespaceId schedule_ns{2};
constexpr core::ScheduleId schedule_id{77};

core::PutSchedule sample_schedule(bool interval) {
    auto spec = std::make_shared<core::ScheduleSpec>();
    spec->queue = "reports";
    if (interval) {
        spec->timing.every_ms = 60'000;
        spec->timing.anchor = 0;
    } else {
        spec->timing.cron = "30 2 * * *";
        spec->timing.zone = "Europe/Berlin";
    }
    spec->timing.start_at = 5;
    spec->timing.end_at = 50;
    spec->timing.limit = 7;
    spec->timing.jitter_ms = 8;
    spec->timing.offset_ms = 9;
    spec->overlap = core::Overlap::replace;
    spec->missed = core::MissedRuns::run_all;
    spec->missed_max = 4;
    spec->options.ttl_ms = 10;
    spec->options.priority = 3;
    spec->options.lifo = true;
    spec->options.lease_ms = 2'000;
    spec->entry = tests::make_entries(std::vector<std::string>{"the body"});
    return {schedule_ns, schedule_id, "nightly", 11, 3, 12, spec};
}

storage::ParsedKey schedule_key_of(std::uint64_t part) {
    return *storage::parse_key(storage::schedule_key(schedule_ns, schedule_id, part).view());
}

}  // namespace

TEST_CASE("a schedule comes back as it was stored, with its entry") {
    for (const bool interval : {false, true}) {
        const core::PutSchedule put = sample_schedule(interval);
        const auto record = storage::decode_record(schedule_key_of(0), storage::encode(put));
        REQUIRE(record);
        const auto& back = std::get<core::PutSchedule>(*record);
        CHECK(back.ns == schedule_ns);
        CHECK(back.id == schedule_id);
        CHECK(back.name == "nightly");
        CHECK(back.created_at == 11);
        CHECK(back.generation == 3);
        CHECK(back.anchor_at == 12);
        CHECK(core::same_spec(*back.spec, *put.spec));
        CHECK(back.spec->entry.checksum_of(0) == put.spec->entry.checksum_of(0));
    }
}

TEST_CASE("the progress of a schedule comes back as it was stored") {
    core::ScheduleProgress progress{1, true, 2, 3, 4, 5, core::OpenRun{core::QueueId{6}, 7, 8}, "why", 9};
    for (int i = 0; i < 2; ++i) {
        const auto record = storage::decode_record(
            schedule_key_of(1), storage::encode(core::PutScheduleProgress{schedule_ns, schedule_id, progress}));
        REQUIRE(record);
        const auto& back = std::get<core::PutScheduleProgress>(*record);
        CHECK(back.id == schedule_id);
        CHECK(back.progress == progress);
        progress.open.reset();
    }
}

TEST_CASE("a record of a schedule under the key of its other part, or with a flipped bit, does not pass") {
    const std::string value = storage::encode(sample_schedule(false));
    CHECK_THROWS_AS(storage::decode_record(schedule_key_of(1), value), storage::Damage);
    for (std::size_t i = 0; i < value.size(); ++i) {
        std::string flipped = value;
        flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
        CHECK_THROWS_AS(storage::decode_record(schedule_key_of(0), flipped), storage::Damage);
    }
}

TEST_CASE("the keys of a schedule are apart from those of a queue of the same number") {
    const auto key = schedule_key_of(1);
    CHECK(key.kind == storage::KeyKind::schedule);
    CHECK(core::value(key.queue) == 77);
    CHECK(key.number == 1);
    CHECK(storage::describe_key(storage::schedule_key(schedule_ns, schedule_id, 0).view()) ==
          "schedule 77 in namespace 2");
    const auto ranges = storage::small_records_ranges(schedule_ns);
    CHECK(std::any_of(ranges.begin(), ranges.end(), [](const storage::KeyRange& range) {
        return range.begin < storage::schedule_key(schedule_ns, schedule_id, 0) &&
               storage::schedule_key(schedule_ns, schedule_id, 1) < range.end;
    }));
    CHECK(storage::queue_state_key(schedule_ns, core::QueueId{77}) <
          storage::schedule_key(schedule_ns, schedule_id, 0));
}

TEST_CASE("a message keeps the firing that made it") {
    core::Chunk chunk;
    chunk.log = core::QueueId{3};
    chunk.runs = {tests::make_entries(std::vector<std::string>{"one"})};
    chunk.count = 1;
    auto meta = std::make_shared<core::MessageMeta>();
    meta->scheduled = std::make_shared<const core::ScheduledRun>(core::ScheduledRun{"nightly", 42});
    chunk.metas.emplace_back(0, meta);
    std::string value = storage::encode_chunk_head(chunk);
    value += chunk.runs[0].bytes();
    const auto back = storage::decode_chunk(core::QueueId{3}, 0, std::make_shared<const std::string>(std::move(value)));
    REQUIRE(back->meta_of(0)->scheduled);
    CHECK(*back->meta_of(0)->scheduled == *meta->scheduled);
}
