// Schedules through the client library and the real daemon: by a moved clock, by real time, and over kill -9.
#include "baton/schedules.hpp"

#include "baton/admin.hpp"
#include "baton/consumer.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

Schedule nightly() {
    Schedule schedule;
    schedule.queue = "reports";
    schedule.timing = cron("30 2 * * *", "Europe/Berlin");
    schedule.message.payload = "{}";
    schedule.message.name = "report";
    schedule.message.headers = {{"kind", "night"}};
    return schedule;
}

}  // namespace

TEST_CASE("a nightly report comes each night of a moved clock, once, in its time zone") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("reports");
    Schedules schedules(client);
    const ScheduleInfo made = schedules.upsert("nightly", nightly());
    CHECK(made.generation == 1);
    CHECK(made.next_ms > admin.show_clock().now_ms);
    const std::vector<Firing> next = schedules.preview("nightly", 3);
    REQUIRE(next.size() == 3);
    CHECK(next[0].at_ms == made.next_ms);
    for (const Firing& firing : next) {
        CHECK((firing.at_ms / 1'000 + firing.offset.count()) % 86'400 == 2 * 3'600 + 1'800);
    }
    Consumer consumer(client, "reports");
    for (const Firing& firing : next) {
        admin.advance_clock(std::chrono::milliseconds(firing.at_ms - admin.show_clock().now_ms - 1));
        CHECK_FALSE(consumer.receive(50ms));
        admin.advance_clock(1ms);
        const auto message = consumer.receive(10s);
        REQUIRE(message);
        CHECK(message->payload() == "{}");
        CHECK(message->name() == "report");
        CHECK(message->view().header("kind") == "night");
        REQUIRE(message->view().scheduled() != nullptr);
        CHECK(message->view().scheduled()->schedule == "nightly");
        CHECK(message->view().scheduled()->firing_ms == firing.at_ms);
        message->ack();
        consumer.flush();
    }
    const ScheduleInfo shown = schedules.show("nightly");
    CHECK(shown.fired == 3);
    CHECK(shown.skipped == 0);
    CHECK_FALSE(shown.running);
    CHECK(shown.schedule.message.payload == "{}");
    CHECK(shown.schedule.timing.zone == "Europe/Berlin");
    CHECK(shown.last_firing_ms == next[2].at_ms);
}

TEST_CASE("an upsert from many clients at once is one schedule") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin(client).create_queue("reports");
    std::atomic<int> of_generation_1{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            Client own = daemon.connect();
            of_generation_1 += Schedules(own).upsert("nightly", nightly()).generation == 1 ? 1 : 0;
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(of_generation_1 == 8);
    Schedules schedules(client);
    CHECK(schedules.list().schedules.size() == 1);
    Schedule other = nightly();
    other.overlap = Overlap::queue;
    CHECK_THROWS_AS(schedules.upsert("nightly", other, 7), Exception);
    CHECK(schedules.upsert("nightly", other, 1).generation == 2);
}

TEST_CASE("kill -9 between firings loses none of an interval and repeats none") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin(client).create_queue("beats");
    Schedules schedules(client);
    Schedule beat;
    beat.queue = "beats";
    beat.timing = every(50ms);
    beat.overlap = Overlap::queue;
    beat.missed = MissedRuns::run_all;
    beat.missed_max = 1'000;
    beat.message.payload = "beat";
    const std::int64_t first = schedules.upsert("beat", beat).next_ms;
    std::set<std::int64_t> firings;
    std::set<std::uint64_t> offsets;
    Consumer consumer(client, "beats");
    for (int i = 0; i < 120; ++i) {
        if (i == 40 || i == 80) {
            daemon.kill();
            daemon.start();
        }
        const auto message = consumer.receive(20s);
        REQUIRE(message);
        const bool again = !offsets.insert(message->view().offset()).second;
        CHECK(firings.insert(message->view().scheduled()->firing_ms).second != again);
        message->ack();
    }
    schedules.pause("beat");
    REQUIRE(firings.size() > 100);
    // Made at first, and then each 50 ms without a hole.
    std::int64_t expected = *firings.begin();
    CHECK((expected - first) % 50 == 0);
    for (const std::int64_t firing : firings) {
        CHECK(firing == expected);
        expected = firing + 50;
    }
}

TEST_CASE("what is wrong with a schedule is said by field") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin(client).create_queue("reports");
    Schedules schedules(client);
    Schedule bad = nightly();
    bad.timing.zone = "Europe/Atlantis";
    try {
        schedules.upsert("nightly", bad);
        FAIL("a zone that does not exist was taken");
    } catch (const Exception& refusal) {
        CHECK(refusal.code() == ErrorCode::invalid_argument);
        CHECK(refusal.error().field == "schedule.zone");
    }
    CHECK(schedules.list().schedules.empty());
    try {
        schedules.show("nightly");
        FAIL("a schedule that does not exist was shown");
    } catch (const Exception& refusal) {
        CHECK(refusal.code() == ErrorCode::schedule_not_found);
    }
}

TEST_CASE("the options of a schedule's message come back as they were given") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin(client).create_queue("reports");
    Schedule schedule = nightly();
    MessageOptions& given = schedule.message.options;
    given.ttl = 90s;
    given.lease = 45s;
    given.priority = 7;
    given.lifo = true;
    given.max_attempts = 4;
    given.run_limit = 20s;
    given.backoff = Backoff{.kind = Backoff::Kind::fixed, .base = 3s};
    Schedules schedules(client);
    schedules.upsert("nightly", schedule);

    daemon.kill();
    daemon.start();

    const MessageOptions options = schedules.show("nightly").schedule.message.options;
    CHECK(options.ttl == given.ttl);
    CHECK(options.lease == given.lease);
    CHECK(options.priority == given.priority);
    CHECK(options.lifo);
    CHECK(options.max_attempts == given.max_attempts);
    CHECK(options.run_limit == given.run_limit);
    REQUIRE(options.backoff);
    CHECK(options.backoff->kind == Backoff::Kind::fixed);
    CHECK(options.backoff->base == 3s);
}
