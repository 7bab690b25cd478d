// Schedules: when they fire, what a firing does, and that a restart neither loses nor repeats one.
#include "server/core/schedule_spec.hpp"
#include "tests/unit/core/broker.hpp"

#include <algorithm>
#include <set>

using namespace baton::core;
using namespace baton::tests;

namespace {

constexpr DurationMs one_minute_ms = 60'000;

/// A core at 2023-11-14 22:13:20 UTC with one queue and one consumer on request.
struct ScheduleFixture {
    Broker broker;

    ScheduleFixture() {
        QueueSettingsChange settings;
        settings.lease_ms = 3'600'000;
        broker.create("work", settings);
    }

    static ScheduleSpec spec(ScheduleTiming timing, const std::string& queue = "work") {
        ScheduleSpec made;
        made.queue = queue;
        made.timing = std::move(timing);
        made.overlap = Overlap::queue;
        made.entry = make_entries(std::vector<std::string>{"tick"});
        return made;
    }
    static ScheduleTiming every(DurationMs every_ms) {
        ScheduleTiming timing;
        timing.every_ms = every_ms;
        return timing;
    }
    static ScheduleTiming cron(const std::string& pattern, const std::string& zone = "") {
        ScheduleTiming timing;
        timing.cron = pattern;
        timing.zone = zone;
        return timing;
    }
    static UpsertSchedule upsert(const std::string& name, ScheduleSpec spec) {
        return {name, std::make_shared<const ScheduleSpec>(std::move(spec)), {}};
    }

    ScheduleInfo put(const std::string& name, ScheduleSpec spec) {
        return broker.expect<ScheduleInfo>(upsert(name, std::move(spec)));
    }
    ScheduleInfo show(const std::string& name) { return broker.expect<ScheduleInfo>(ShowSchedule{name}); }
    /// Firing times of the messages that wait, sorted; they are taken with a fetch and acked.
    std::vector<TimeMs> drain() {
        if (!consuming) {
            broker.consume("work", 0);
            consuming = true;
        }
        std::vector<TimeMs> firings;
        for (const Delivered& one : broker.fetch(1'000)) {
            REQUIRE(one.scheduled);
            firings.push_back(one.scheduled->firing_at);
            broker.ack(one);
        }
        std::sort(firings.begin(), firings.end());
        return firings;
    }
    void restart_after(DurationMs outage) {
        broker.driver().advance(outage);
        broker.restart();
        broker.connect(1);
        consuming = false;
    }
    bool consuming = false;
};

using FiringTimes = std::vector<TimeMs>;

}  // namespace

TEST_CASE_METHOD(ScheduleFixture, "an interval fires when it is made and then at its phase") {
    const TimeMs start = broker.now();
    CHECK(put("beat", spec(every(one_minute_ms))).progress.next_at == start);
    broker.advance(0);
    CHECK(drain() == FiringTimes{start});
    broker.advance(2 * one_minute_ms - 1);
    CHECK(drain() == FiringTimes{start + one_minute_ms});
    broker.advance(1);
    CHECK(drain() == FiringTimes{start + 2 * one_minute_ms});
    const ScheduleInfo info = show("beat");
    CHECK(info.progress.fired == 3);
    CHECK(info.progress.skipped == 0);
    CHECK(info.progress.next_at == start + 3 * one_minute_ms);
    CHECK(info.progress.last_firing_at == start + 2 * one_minute_ms);
}

TEST_CASE_METHOD(ScheduleFixture, "an anchor gives the phase, and an offset moves each firing") {
    ScheduleTiming timing = every(one_minute_ms);
    timing.anchor = 10'000;
    timing.offset_ms = 500;
    const TimeMs next = put("beat", spec(timing)).progress.next_at;
    CHECK(next > broker.now());
    CHECK(next % one_minute_ms == 10'500);
    broker.advance(one_minute_ms);
    CHECK(drain() == FiringTimes{next});
}

TEST_CASE_METHOD(ScheduleFixture, "a pattern fires in its time zone, once the zone is read") {
    // 22:13:20 UTC is 23:13:20 in Berlin and 03:43:20 of the next day in Kolkata.
    const ScheduleInfo berlin = put("berlin", spec(cron("0 0 * * *", "Europe/Berlin")));
    CHECK(berlin.progress.next_at == broker.now() + 46 * one_minute_ms + 40'000);
    CHECK(put("kolkata", spec(cron("0 4 * * *", "Asia/Kolkata"))).progress.next_at ==
          broker.now() + 16 * one_minute_ms + 40'000);
    CHECK(put("utc", spec(cron("0 23 * * *"))).progress.next_at == broker.now() + 46 * one_minute_ms + 40'000);
    broker.advance(47 * one_minute_ms);
    CHECK(drain().size() == 3);
}

TEST_CASE_METHOD(ScheduleFixture, "daylight saving reaches the schedule") {
    ScheduleTiming timing = cron("30 2 * * *", "Europe/Berlin");
    timing.start_at = 1'711'756'800'000;  // 2024-03-30 00:00 UTC
    put("night", spec(timing));
    PreviewSchedule preview{"night", {}, 3};
    const auto times = broker.expect<ScheduleTimes>(preview);
    REQUIRE(times.firings.size() == 3);
    CHECK(times.firings[0].at == 1'711'762'200'000);  // 30 March 02:30 +0100
    CHECK(times.firings[1].at == 1'711'848'600'000);  // 31 March 03:30 +0200
    CHECK(times.firings[1].offset_s == 7'200);
    CHECK(times.firings[2].at == 1'711'931'400'000);  // 1 April 02:30 +0200
}

TEST_CASE_METHOD(ScheduleFixture, "an offset longer than what is known of a zone asks for more of it") {
    ScheduleTiming timing = cron("30 2 * * *", "Europe/Berlin");
    timing.offset_ms = 400LL * 24 * 60 * one_minute_ms;
    const TimeMs next = put("late", spec(timing)).progress.next_at;
    CHECK(next > broker.now());
    CHECK(next <= broker.now() + 24 * 60 * one_minute_ms);
}

TEST_CASE_METHOD(ScheduleFixture, "start, end and limit bound the firings") {
    ScheduleTiming timing = every(one_minute_ms);
    timing.start_at = broker.now() + 10 * one_minute_ms;
    timing.end_at = broker.now() + 12 * one_minute_ms;
    put("between", spec(timing));
    timing = every(one_minute_ms);
    timing.limit = 2;
    put("twice", spec(timing));
    const TimeMs start = broker.now();
    broker.advance(9 * one_minute_ms);
    CHECK(drain() == FiringTimes{start, start + one_minute_ms});
    CHECK(show("twice").progress.next_at == 0);
    broker.advance(10 * one_minute_ms);
    CHECK(drain() == FiringTimes{start + 10 * one_minute_ms, start + 11 * one_minute_ms, start + 12 * one_minute_ms});
    CHECK(show("between").progress.next_at == 0);
}

TEST_CASE_METHOD(ScheduleFixture, "jitter makes a firing late by a fixed part, never early") {
    ScheduleTiming timing = every(one_minute_ms);
    timing.jitter_ms = 30'000;
    std::set<DurationMs> delays;
    put("beat", spec(timing));
    for (int i = 0; i < 20; ++i) {
        const ScheduleInfo info = show("beat");
        const TimeMs firing = info.progress.next_at, due = info.next_due_at;
        CHECK(due >= firing);
        CHECK(due <= firing + 30'000);
        delays.insert(due - firing);
        broker.advance(due - 1 - broker.now());
        CHECK(drain().empty());
        broker.advance(1);
        CHECK(drain() == FiringTimes{firing});
    }
    CHECK(delays.size() > 10);
}

TEST_CASE_METHOD(ScheduleFixture, "the same upsert again changes nothing, from however many clients") {
    const ScheduleInfo first = put("beat", spec(every(one_minute_ms)));
    broker.advance(90'000);
    const ScheduleInfo again = put("beat", spec(every(one_minute_ms)));
    CHECK(again.generation == first.generation);
    CHECK(again.progress.fired == 2);
    CHECK(again.progress.next_at == first.progress.next_at + 2 * one_minute_ms);
    ScheduleSpec other = spec(every(one_minute_ms));
    other.entry = make_entries(std::vector<std::string>{"tock"});
    const ScheduleInfo changed = put("beat", other);
    CHECK(changed.generation == first.generation + 1);
    CHECK(changed.progress.next_at == again.progress.next_at);
    CHECK(put("beat", spec(every(2 * one_minute_ms))).progress.next_at > broker.now());
    CHECK(broker.expect<ScheduleList>(ListSchedules{}).schedules.size() == 1);
}

TEST_CASE_METHOD(ScheduleFixture, "an upsert over a generation is refused when another was faster") {
    UpsertSchedule fresh = upsert("beat", spec(every(one_minute_ms)));
    fresh.if_generation = 1;
    CHECK(broker.refusal(fresh) == RefusalCode::schedule_changed);
    fresh.if_generation = 0;
    CHECK(broker.expect<ScheduleInfo>(fresh).generation == 1);
    CHECK(broker.refusal(fresh) == RefusalCode::schedule_changed);
    UpsertSchedule second = upsert("beat", spec(every(2 * one_minute_ms)));
    second.if_generation = 1;
    CHECK(broker.expect<ScheduleInfo>(second).generation == 2);
}

TEST_CASE_METHOD(ScheduleFixture, "overlap: skip") {
    ScheduleSpec beat = spec(every(one_minute_ms));
    beat.overlap = Overlap::skip;
    put("beat", beat);
    broker.advance(3 * one_minute_ms);
    CHECK(show("beat").progress.fired == 1);
    CHECK(show("beat").progress.skipped == 3);
    broker.consume("work", 0);
    consuming = true;
    const Delivered run = broker.fetch(1).at(0);
    broker.advance(one_minute_ms / 2);
    broker.settle_ok(run, Fail{"no luck", false, 10 * one_minute_ms});  // Delayed for its retry: not done.
    broker.advance(one_minute_ms);
    CHECK(show("beat").progress.fired == 1);
    broker.advance(10 * one_minute_ms);
    const TimeMs before = broker.now();
    CHECK(drain().size() == 1);
    CHECK_FALSE(show("beat").progress.open);
    broker.advance(one_minute_ms);
    CHECK(drain().size() == 1);
    CHECK(show("beat").progress.last_firing_at > before);
}

TEST_CASE_METHOD(ScheduleFixture, "overlap: a run that failed for good, was purged or lost its queue is done") {
    ScheduleSpec beat = spec(every(one_minute_ms));
    beat.overlap = Overlap::skip;
    put("beat", beat);
    broker.advance(0);
    broker.consume("work", 0);
    consuming = true;
    broker.settle_ok(broker.fetch(1).at(0), Fail{"broken", true, {}});
    CHECK_FALSE(show("beat").progress.open);
    broker.advance(one_minute_ms);
    CHECK(show("beat").progress.fired == 2);
    broker.expect<Counted>(PurgeQueue{"work", false});
    CHECK_FALSE(show("beat").progress.open);
    broker.advance(one_minute_ms);
    CHECK(show("beat").progress.fired == 3);
    broker.expect<Done>(DeleteQueue{"work"});
    CHECK_FALSE(show("beat").progress.open);
}

TEST_CASE_METHOD(ScheduleFixture, "overlap: replace takes the place of a run that waits, and goes behind one at work") {
    ScheduleSpec beat = spec(every(one_minute_ms));
    beat.overlap = Overlap::replace;
    put("beat", beat);
    const TimeMs start = broker.now();
    broker.advance(2 * one_minute_ms);
    CHECK(broker.show("work").waiting == 1);
    CHECK(broker.show("work").totals.dropped == 2);
    broker.consume("work", 0);
    consuming = true;
    const Delivered run = broker.fetch(1).at(0);
    CHECK(run.scheduled->firing_at == start + 2 * one_minute_ms);
    broker.advance(2 * one_minute_ms - 1);
    CHECK(broker.show("work").waiting == 1);
    broker.settle_ok(run, Ack{});
    broker.advance(1);
    CHECK(drain() == FiringTimes{start + 4 * one_minute_ms});
    CHECK(broker.show("work").live_bytes == 0);
}

TEST_CASE_METHOD(ScheduleFixture, "an outage: the latest run, none, or some of the latest") {
    ScheduleSpec once = spec(every(one_minute_ms));
    ScheduleSpec none = once, all = once;
    none.missed = MissedRuns::skip;
    all.missed = MissedRuns::run_all;
    all.missed_max = 3;
    put("once", once);
    put("none", none);
    put("all", all);
    broker.advance(0);
    CHECK(drain().size() == 3);
    const TimeMs start = broker.now();
    restart_after(10 * one_minute_ms + 5'000);
    broker.advance(0);
    CHECK(drain() == FiringTimes{start + 8 * one_minute_ms, start + 9 * one_minute_ms, start + 10 * one_minute_ms,
                                 start + 10 * one_minute_ms});
    CHECK(show("once").progress.skipped == 9);
    CHECK(show("none").progress.skipped == 10);
    CHECK(show("all").progress.skipped == 7);
    broker.advance(one_minute_ms);
    CHECK(drain() == FiringTimes(3, start + 11 * one_minute_ms));
}

TEST_CASE_METHOD(ScheduleFixture, "a long outage is looked through in steps") {
    ScheduleSpec all = spec(every(10));
    all.missed = MissedRuns::run_all;
    all.missed_max = 1'000;
    put("all", all);
    put("once", spec(cron("* * * * * *", "Europe/Berlin")));
    broker.advance(0);
    const TimeMs start = broker.now();
    drain();
    restart_after(200'000);
    broker.advance(0);
    CHECK(drain().size() == 1'000);
    CHECK(drain().size() == 1);
    CHECK(show("all").progress.fired == 1'001);
    CHECK(show("all").progress.skipped == 19'000);
    CHECK(show("once").progress.skipped == 199);
    CHECK(show("once").progress.last_firing_at == start + 200'000);
}

TEST_CASE_METHOD(ScheduleFixture, "what cannot be appended is noted, and it goes on") {
    QueueSettingsChange small;
    small.max_messages = 1;
    broker.update("work", small);
    put("beat", spec(every(one_minute_ms)));
    broker.advance(one_minute_ms);
    ScheduleInfo info = show("beat");
    CHECK(info.progress.fired == 1);
    CHECK(info.progress.skipped == 1);
    CHECK(info.progress.last_error == "the queue is full");
    CHECK(info.progress.last_error_at == broker.now());
    CHECK(drain().size() == 1);
    broker.advance(one_minute_ms);
    CHECK(show("beat").progress.last_error.empty());
    broker.expect<Done>(DeleteQueue{"work"});
    broker.advance(one_minute_ms);
    CHECK_THAT(show("beat").progress.last_error, Catch::Contains("work"));
    broker.create("work");
    broker.advance(one_minute_ms);
    CHECK(show("beat").progress.last_error.empty());
    CHECK(broker.show("work").waiting == 1);
}

TEST_CASE_METHOD(ScheduleFixture,
                 "a full queue that drops its oldest takes the run, also when that must be read first") {
    QueueSettingsChange small;
    small.max_messages = 2;
    small.overflow = Overflow::drop_oldest;
    broker.update("work", small);
    broker.produce("work", {"old"});
    put("beat", spec(every(one_minute_ms)));
    broker.advance(0);
    restart_after(one_minute_ms);
    broker.advance(0);
    CHECK(show("beat").progress.fired == 2);
    CHECK(broker.show("work").waiting == 2);
    CHECK(drain().size() == 2);
}

TEST_CASE_METHOD(ScheduleFixture, "pause, resume, run now, delete") {
    const TimeMs start = broker.now();
    put("beat", spec(every(one_minute_ms)));
    broker.advance(0);
    CHECK(broker.expect<ScheduleInfo>(PauseSchedule{"beat", true}).progress.paused);
    broker.advance(5 * one_minute_ms + 1'000);
    CHECK(drain() == FiringTimes{start});
    CHECK(broker.expect<Produced>(RunSchedule{"beat"}).count == 1);
    CHECK(drain() == FiringTimes{broker.now()});
    CHECK(put("beat", spec(every(one_minute_ms))).progress.paused);
    restart_after(1);
    CHECK(show("beat").progress.paused);
    CHECK(broker.expect<ScheduleInfo>(PauseSchedule{"beat", false}).progress.next_at == start + 6 * one_minute_ms);
    broker.advance(one_minute_ms);
    CHECK(drain() == FiringTimes{start + 6 * one_minute_ms});
    broker.expect<Done>(DeleteSchedule{"beat"});
    broker.advance(5 * one_minute_ms);
    CHECK(drain().empty());
    for (const RequestBody& body :
         {RequestBody(ShowSchedule{"beat"}), RequestBody(DeleteSchedule{"beat"}), RequestBody(RunSchedule{"beat"}),
          RequestBody(PauseSchedule{"beat", true}), RequestBody(PreviewSchedule{"beat", {}, 1})}) {
        CHECK(broker.refusal(body) == RefusalCode::schedule_not_found);
    }
}

TEST_CASE_METHOD(ScheduleFixture, "requests stay in order behind a zone that is being read") {
    broker.driver().apply(
        Request{ConnectionId{1}, RequestId{}, "", upsert("a", spec(cron("0 4 * * *", "Asia/Kolkata")))});
    broker.driver().apply(Request{ConnectionId{1}, RequestId{}, "", upsert("a", spec(cron("0 5 * * *")))});
    CHECK(show("a").spec->timing.cron == "0 5 * * *");
    CHECK(show("a").generation == 2);
}

TEST_CASE_METHOD(ScheduleFixture, "pages of schedules, and a preview of a timing") {
    for (const char* name : {"a-1", "a-2", "a-3", "b-1"}) {
        put(name, spec(cron("0 4 * * *")));
    }
    const auto page = broker.expect<ScheduleList>(ListSchedules{"a-", "", 2});
    REQUIRE(page.schedules.size() == 2);
    CHECK(page.next == "a-2");
    const auto rest = broker.expect<ScheduleList>(ListSchedules{"a-", page.next, 2});
    REQUIRE(rest.schedules.size() == 1);
    CHECK(rest.schedules[0].name == "a-3");
    CHECK(rest.next.empty());
    ScheduleTiming timing = every(one_minute_ms);
    timing.limit = 2;
    const auto times = broker.expect<ScheduleTimes>(PreviewSchedule{"", timing, 5});
    REQUIRE(times.firings.size() == 2);
    CHECK(times.firings[0].at == broker.now());
}
