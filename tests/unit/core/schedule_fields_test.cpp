// Every field of a schedule that can be wrong, and the field that the refusal names.
#include "server/core/schedule_spec.hpp"
#include "tests/unit/core/broker.hpp"

#include <functional>

using namespace baton::core;
using namespace baton::tests;

namespace {

ScheduleSpec good_schedule() {
    ScheduleSpec spec;
    spec.queue = "work";
    spec.timing.every_ms = 60'000;
    spec.entry = make_entries(std::vector<std::string>{"tick"});
    return spec;
}

struct FieldCase {
    const char* field;
    std::function<void(ScheduleSpec&)> spoil;
};

const FieldCase field_cases[] = {
    {"schedule.cron", [](ScheduleSpec& s) { s.timing.every_ms = 0; }},
    {"schedule.cron", [](ScheduleSpec& s) { s.timing.cron = "* * * * *"; }},
    {"schedule.cron",
     [](ScheduleSpec& s) {
         s.timing = {"99 * * * *", ""};
     }},
    {"schedule.cron",
     [](ScheduleSpec& s) {
         s.timing = {std::string(257, '*'), ""};
     }},
    {"schedule.zone",
     [](ScheduleSpec& s) {
         s.timing = {"* * * * *", "Europe/Atlantis"};
     }},
    {"schedule.zone",
     [](ScheduleSpec& s) {
         s.timing = {"* * * * *", std::string(65, 'x')};
     }},
    {"schedule.zone", [](ScheduleSpec& s) { s.timing.zone = "Europe/Berlin"; }},
    {"schedule.every_ms", [](ScheduleSpec& s) { s.timing.every_ms = 9; }},
    {"schedule.every_ms", [](ScheduleSpec& s) { s.timing.every_ms = limits::ten_years_ms + 1; }},
    {"schedule.anchor_ms", [](ScheduleSpec& s) { s.timing.anchor = -1; }},
    {"schedule.anchor_ms", [](ScheduleSpec& s) { s.timing.anchor = INT64_MAX; }},
    {"schedule.anchor_ms",
     [](ScheduleSpec& s) {
         s.timing = {"* * * * *", ""};
         s.timing.anchor = 5;
     }},
    {"schedule.start_ms", [](ScheduleSpec& s) { s.timing.start_at = -1; }},
    {"schedule.start_ms", [](ScheduleSpec& s) { s.timing.start_at = INT64_MAX; }},
    {"schedule.end_ms", [](ScheduleSpec& s) { s.timing.end_at = INT64_MIN; }},
    {"schedule.end_ms",
     [](ScheduleSpec& s) {
         s.timing.start_at = 10;
         s.timing.end_at = 9;
     }},
    {"schedule.jitter_ms", [](ScheduleSpec& s) { s.timing.jitter_ms = 60'000; }},
    {"schedule.jitter_ms",
     [](ScheduleSpec& s) {
         s.timing = {"* * * * *", ""};
         s.timing.jitter_ms = limits::jitter_ms_max + 1;
     }},
    {"schedule.offset_ms", [](ScheduleSpec& s) { s.timing.offset_ms = limits::ten_years_ms + 1; }},
    {"schedule.missed_max", [](ScheduleSpec& s) { s.missed = MissedRuns::run_all; }},
    {"schedule.missed_max", [](ScheduleSpec& s) { s.missed_max = 1; }},
    {"schedule.missed_max",
     [](ScheduleSpec& s) {
         s.missed = MissedRuns::run_all;
         s.missed_max = 1'001;
     }},
    {"schedule.options.delay_ms", [](ScheduleSpec& s) { s.options.delay_ms = 5; }},
    {"schedule.options.delay_ms", [](ScheduleSpec& s) { s.options.due_at = 5; }},
    {"schedule.queue", [](ScheduleSpec& s) { s.queue = "nowhere"; }},
    {"schedule.entry",
     [](ScheduleSpec& s) {
         s.entry = make_entries(std::vector<std::string>{"a", "b"});
     }},
    {"schedule.entry",
     [](ScheduleSpec& s) { s.entry = make_entries(std::vector<std::string>{std::string(70'000, 'x')}); }},
};

}  // namespace

TEST_CASE("a schedule with a bad field is refused by the field's name, and nothing is stored") {
    Broker broker;
    broker.create("work");
    for (const FieldCase& one : field_cases) {
        ScheduleSpec spec = good_schedule();
        one.spoil(spec);
        CAPTURE(one.field, spec.timing.cron, spec.timing.zone, spec.timing.every_ms);
        const auto refusal =
            broker.expect<Refusal>(UpsertSchedule{"beat", std::make_shared<const ScheduleSpec>(spec), {}});
        CHECK(refusal.field == one.field);
        CHECK_FALSE(refusal.retryable);
    }
    for (const std::string& name :
         {std::string(), std::string(256, 'n'), std::string("a\nb"), std::string("a\0b", 3)}) {
        const auto refusal =
            broker.expect<Refusal>(UpsertSchedule{name, std::make_shared<const ScheduleSpec>(good_schedule()), {}});
        CHECK(refusal.field == "name");
    }
    CHECK(broker.expect<ScheduleList>(ListSchedules{}).schedules.empty());
    const auto preview = broker.expect<Refusal>(PreviewSchedule{"", ScheduleTiming{"61 * * * *", ""}, 5});
    CHECK(preview.field == "schedule.cron");
    broker.expect<ScheduleInfo>(
        UpsertSchedule{"any name: ä#/ 漢", std::make_shared<const ScheduleSpec>(good_schedule()), {}});
}
