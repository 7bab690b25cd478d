#include "proto/entry_format.hpp"
#include "server/core/schedule_spec.hpp"
#include "server/session/encode/encode.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <memory>

namespace baton::session::test {

namespace {

template <typename Body>
Body decoded_schedule(v1::ClientFrame frame) {
    frame.set_request_id(2);
    Machine machine;
    machine.say_hello();
    machine.feed(framed(frame));
    auto requests = machine.requests();
    REQUIRE(requests.size() == 1);
    REQUIRE(std::holds_alternative<Body>(requests[0].body));
    return std::get<Body>(std::move(requests[0].body));
}

v1::ClientFrame upsert_frame() {
    v1::ClientFrame frame;
    v1::UpsertSchedule& upsert = *frame.mutable_upsert_schedule();
    upsert.set_name("nightly");
    upsert.set_if_generation(0);
    v1::ScheduleSpec& spec = *upsert.mutable_spec();
    spec.set_queue("reports");
    v1::ScheduleTiming& timing = *spec.mutable_timing();
    timing.set_cron("30 2 * * *");
    timing.set_zone("Europe/Berlin");
    timing.set_start_ms(1);
    timing.set_end_ms(2);
    timing.set_limit(3);
    timing.set_jitter_ms(4);
    timing.set_offset_ms(5);
    spec.set_overlap(v1::OVERLAP_REPLACE);
    spec.set_missed(v1::MISSED_RUN_ALL);
    spec.set_missed_max(6);
    spec.mutable_options()->set_ttl_ms(7'000);
    spec.mutable_entry()->set_payload("body");
    spec.mutable_entry()->set_name("report");
    return frame;
}

}  // namespace

TEST_CASE("an upsert carries all of a schedule") {
    const auto upsert = decoded_schedule<core::UpsertSchedule>(upsert_frame());
    CHECK(upsert.name == "nightly");
    CHECK(upsert.if_generation == std::optional<std::uint64_t>(0));
    const core::ScheduleSpec& spec = *upsert.spec;
    CHECK(spec.queue == "reports");
    CHECK(spec.timing == core::ScheduleTiming{"30 2 * * *", "Europe/Berlin", 0, {}, 1, 2, 3, 4, 5});
    CHECK(spec.overlap == core::Overlap::replace);
    CHECK(spec.missed == core::MissedRuns::run_all);
    CHECK(spec.missed_max == 6);
    CHECK(spec.options.ttl_ms == std::optional<std::int64_t>(7'000));
    REQUIRE(spec.entry.count == 1);
    const std::string wire = "\x7A" + std::string(1, static_cast<char>(spec.entry.bytes().size() - 2)) +
                             upsert_frame().upsert_schedule().spec().entry().SerializeAsString();
    CHECK(spec.entry.bytes() == wire);
    CHECK(spec.entry.checksum_of(0) == proto::entry_checksum(wire));
}

TEST_CASE("what an upsert leaves out has its default") {
    v1::ClientFrame frame = upsert_frame();
    v1::ScheduleSpec& spec = *frame.mutable_upsert_schedule()->mutable_spec();
    spec.clear_overlap();
    spec.clear_missed();
    spec.mutable_timing()->set_anchor_ms(0);
    frame.mutable_upsert_schedule()->clear_if_generation();
    const auto upsert = decoded_schedule<core::UpsertSchedule>(frame);
    CHECK(upsert.spec->overlap == core::Overlap::skip);
    CHECK(upsert.spec->missed == core::MissedRuns::run_once);
    CHECK(upsert.spec->timing.anchor == std::optional<core::TimeMs>(0));
    CHECK_FALSE(upsert.if_generation);
}

TEST_CASE("a bad field of a schedule is refused by its name") {
    const std::pair<const char*, std::function<void(v1::UpsertSchedule&)>> cases[] = {
        {"name", [](auto& u) { u.clear_name(); }},
        {"name", [](auto& u) { u.set_name(std::string(256, 'x')); }},
        {"schedule.queue", [](auto& u) { u.mutable_spec()->clear_queue(); }},
        {"schedule.queue", [](auto& u) { u.mutable_spec()->set_queue("no name"); }},
        {"schedule.overlap", [](auto& u) { u.mutable_spec()->set_overlap(static_cast<v1::ScheduleOverlap>(9)); }},
        {"schedule.missed", [](auto& u) { u.mutable_spec()->set_missed(static_cast<v1::MissedRuns>(9)); }},
        {"schedule.every_ms", [](auto& u) { u.mutable_spec()->mutable_timing()->set_every_ms(UINT64_MAX); }},
        {"schedule.jitter_ms", [](auto& u) { u.mutable_spec()->mutable_timing()->set_jitter_ms(UINT64_MAX); }},
        {"schedule.offset_ms", [](auto& u) { u.mutable_spec()->mutable_timing()->set_offset_ms(UINT64_MAX); }},
        {"schedule.entry", [](auto& u) { u.mutable_spec()->clear_entry(); }},
        {"schedule.entry.name", [](auto& u) { u.mutable_spec()->mutable_entry()->set_name(std::string(256, 'x')); }},
        {"schedule.entry.headers",
         [](auto& u) {
             for (int i = 0; i < 65; ++i) {
                 u.mutable_spec()->mutable_entry()->add_headers()->set_key("k");
             }
         }},
        {"options.lease_ms", [](auto& u) { u.mutable_spec()->mutable_options()->set_lease_ms(1); }},
    };
    for (const auto& [field, spoil] : cases) {
        v1::ClientFrame frame = upsert_frame();
        spoil(*frame.mutable_upsert_schedule());
        CAPTURE(field);
        CHECK(fault_of(frame).field() == field);
    }
}

TEST_CASE("the other requests about schedules") {
    v1::ClientFrame frame;
    frame.mutable_delete_schedule()->set_name("a");
    CHECK(decoded_schedule<core::DeleteSchedule>(frame).name == "a");
    frame.mutable_show_schedule()->set_name("b");
    CHECK(decoded_schedule<core::ShowSchedule>(frame).name == "b");
    frame.mutable_pause_schedule()->set_name("c");
    CHECK(decoded_schedule<core::PauseSchedule>(frame).paused);
    frame.mutable_resume_schedule()->set_name("d");
    CHECK_FALSE(decoded_schedule<core::PauseSchedule>(frame).paused);
    frame.mutable_run_schedule()->set_name("e");
    CHECK(decoded_schedule<core::RunSchedule>(frame).name == "e");
    frame.mutable_list_schedules()->set_prefix("f");
    CHECK(decoded_schedule<core::ListSchedules>(frame).limit == 100);
    frame.mutable_list_schedules()->set_limit(1'001);
    CHECK(fault_of(frame).field() == "limit");
    frame.mutable_preview_schedule()->set_name("g");
    CHECK(decoded_schedule<core::PreviewSchedule>(frame).count == 10);
    frame.mutable_preview_schedule()->mutable_timing()->set_every_ms(5);
    CHECK(decoded_schedule<core::PreviewSchedule>(frame).timing->every_ms == 5);
    frame.mutable_preview_schedule()->set_count(1'001);
    CHECK(fault_of(frame).field() == "count");
    frame.mutable_preview_schedule()->Clear();
    CHECK(fault_of(frame).field() == "name");
}

TEST_CASE("a schedule is shown with its entry, and listed without") {
    const auto upsert = decoded_schedule<core::UpsertSchedule>(upsert_frame());
    core::ScheduleInfo info{"nightly", 2, 3, 0, upsert.spec, {}, 11, true};
    info.progress = {10, true, 4, 5, 6, 7, core::OpenRun{core::QueueId{1}, 2, 3}, "why", 8};
    SendQueue out;
    encode_schedule_info(core::RequestId{9}, info, out);
    info.with_entry = false;
    encode_schedule_list(core::RequestId{10}, {{info}, "more"}, out);
    encode_schedule_times(core::RequestId{11}, {{{5, -3'600}}}, out);
    const auto frames = parse_frames(drain(out));
    REQUIRE(frames.size() == 3);
    const v1::ScheduleInfo& shown = frames[0].schedule_info();
    CHECK(frames[0].request_id() == 9);
    CHECK(shown.name() == "nightly");
    CHECK(shown.generation() == 2);
    CHECK(shown.created_ms() == 3);
    CHECK(shown.spec().SerializeAsString() == upsert_frame().upsert_schedule().spec().SerializeAsString());
    CHECK(shown.paused());
    CHECK(shown.next_ms() == 10);
    CHECK(shown.next_due_ms() == 11);
    CHECK(shown.last_firing_ms() == 6);
    CHECK(shown.last_run_ms() == 7);
    CHECK(shown.fired() == 4);
    CHECK(shown.skipped() == 5);
    CHECK(shown.last_error() == "why");
    CHECK(shown.last_error_ms() == 8);
    CHECK(shown.running());
    CHECK(frames[1].schedule_list().next() == "more");
    CHECK_FALSE(frames[1].schedule_list().schedules(0).spec().has_entry());
    CHECK(frames[2].schedule_times().firings(0).at_ms() == 5);
    CHECK(frames[2].schedule_times().firings(0).offset_s() == -3'600);
}
}  // namespace baton::session::test
