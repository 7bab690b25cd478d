// The events of a queue with the real daemon: followed, resumed over a kill, and waiting for the end of a job.
#include "baton/events.hpp"

#include "baton/admin.hpp"
#include "baton/producer.hpp"
#include "baton/worker.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

TEST_CASE("events are followed as they happen, and again from a number after a kill") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("jobs", {.profile = Profile::job, .settings = {}});
    Events events(client, "jobs", {.from_seq = 0, .types = {EventType::added, EventType::completed}});
    Producer producer(client, "jobs");
    producer.produce(std::vector<Message>{Message{"a", {}, {}, {}}, Message{"b", {}, {}, {}}});
    const auto added = events.next(10s);
    REQUIRE(added);
    CHECK(added->type == EventType::added);
    CHECK(added->count == 2);
    std::uint64_t completed = 0;
    {
        Worker worker(client, "jobs", [](Job&) {});
        while (completed < 2) {
            const auto event = events.next(10s);
            REQUIRE(event);
            REQUIRE(event->type == EventType::completed);
            completed += event->count;
        }
    }
    daemon.kill();
    daemon.start();
    producer.produce(std::vector<Message>{Message{"c", {}, {}, {}}});
    const auto later = events.next(20s);
    REQUIRE(later);
    CHECK(later->type == EventType::added);
    CHECK(later->first_offset == 2);

    admin.emit_event("jobs", "deployed", "v7");
    Events old(client, "jobs", {.from_seq = 1});
    std::vector<EventType> types;
    for (std::uint64_t seq = 1; types.empty() || types.back() != EventType::custom; ++seq) {
        const auto event = old.next(10s);
        REQUIRE(event);
        CHECK(event->seq == seq);
        types.push_back(event->type);
    }
    CHECK(types.front() == EventType::added);
    CHECK(admin.trim_events("jobs", 1).messages == types.size() - 1);
    Events trimmed(client, "jobs", {.from_seq = 1});
    const auto gap = trimmed.next(10s);
    REQUIRE(gap);
    CHECK(gap->type == EventType::missed);
    CHECK(gap->seq == 1);
    CHECK(gap->count == types.size() - 1);
}

TEST_CASE("a slow follower gets everything, a window at a time") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("jobs", {.profile = Profile::job, .settings = {}});
    Events events(client, "jobs", {.from_seq = 0, .types = {EventType::custom}, .window = 4});
    for (int i = 0; i < 50; ++i) {
        admin.emit_event("jobs", std::to_string(i));
    }
    for (int i = 0; i < 50; ++i) {
        const auto event = events.next(10s);
        REQUIRE(event);
        CHECK(event->text == std::to_string(i));
    }
    CHECK_FALSE(events.next(1ms));
}

TEST_CASE("the end of a job is waited for, with its result") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    QueueSettings settings;
    settings.max_attempts = 1;
    admin.create_queue("jobs", {.profile = Profile::job, .settings = settings});
    Producer producer(client, "jobs");
    const std::uint64_t first =
        producer.produce(std::vector<Message>{Message{"good", {}, {}, {}}, Message{"bad", {}, {}, {}}}).first_offset;
    CHECK(admin.wait_job("jobs", first, 0ms).outcome == JobOutcome::timeout);
    Worker worker(client, "jobs", [](Job& job) -> std::string {
        if (job.payload() == "bad") {
            throw PermanentError("no luck");
        }
        return "42";
    });
    const JobEnd good = admin.wait_job("jobs", first, 20s);
    CHECK(good.outcome == JobOutcome::completed);
    REQUIRE(good.result);
    CHECK(good.result->value == "42");
    const JobEnd bad = admin.wait_job("jobs", first + 1, 20s);
    CHECK(bad.outcome == JobOutcome::failed);
    CHECK(bad.text == "no luck");
    CHECK(admin.remove_jobs("jobs", {first}).removed == 1);
    CHECK(admin.wait_job("jobs", first, 1s).outcome == JobOutcome::gone);
    CHECK_THROWS_AS(admin.wait_job("jobs", 99, 1s), Exception);
}
