// What a worker may be told to do, and what it tells, with the real daemon.
#include "baton/admin.hpp"
#include "baton/producer.hpp"
#include "baton/worker.hpp"
#include "tests/integration/client/comes_true.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <future>
#include <map>
#include <mutex>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

/// Who did what; the test waits until there is enough of it.
class Tally {
public:
    void add(const std::string& what) {
        const std::lock_guard lock(mutex_);
        counts_[what] += 1;
        changed_.notify_all();
    }
    int of(const std::string& what) {
        const std::lock_guard lock(mutex_);
        return counts_[what];
    }
    bool reaches(const std::string& what, int count, std::chrono::milliseconds timeout = 20s) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, timeout, [&] { return counts_[what] >= count; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, int> counts_;
};

}  // namespace

TEST_CASE("what a rate-limited worker may not begin is done by others") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin(client).create_queue("jobs");
    Tally tally;
    Worker limited(client, "jobs", [&](Job&) { tally.add("limited"); },
                   {.concurrency = 4, .prefetch = 4, .rate_limit = {3, 1h}});
    Producer producer(client, "jobs");
    producer.produce(std::vector<Message>(10, Message{"job", {}, {}, {}}));
    REQUIRE(tally.reaches("limited", 3));
    CHECK(Admin(client).show_queue("jobs").waiting == 7);
    Worker other(client, "jobs", [&](Job&) { tally.add("other"); });
    CHECK(tally.reaches("other", 7));
    CHECK(other.stop());
    CHECK(limited.stop());
    CHECK(tally.of("limited") == 3);
    CHECK(Admin(client).show_queue("jobs").acked_total == 10);
}

TEST_CASE("a rate-limited worker goes on as its permits come") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin(client).create_queue("jobs");
    Producer(client, "jobs").produce(std::vector<Message>(6, Message{"job", {}, {}, {}}));
    Tally tally;
    const auto began = std::chrono::steady_clock::now();
    Worker worker(client, "jobs", [&](Job&) { tally.add("done"); }, {.concurrency = 4, .rate_limit = {2, 100ms, 1}});
    REQUIRE(tally.reaches("done", 6));
    CHECK(std::chrono::steady_clock::now() - began >= 250ms);  // One at once, and five permits at 50 ms each.
    CHECK(worker.stop());
}

TEST_CASE("a worker tells how its jobs ended, and when nothing is left") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    QueueSettings settings;
    settings.max_attempts = 1;
    settings.run_limit = 10s;  // Shorter than the lease.
    admin.create_queue("jobs", {.settings = settings});
    Tally tally;
    WorkerOptions options;
    options.concurrency = 2;
    options.events.completed = [&](const Received& job, const Outcome&) {
        tally.add("completed " + std::string(job.payload()));
    };
    options.events.failed = [&](const Received& job, const Outcome& outcome) {
        tally.add("failed " + std::string(job.payload()) + ": " + outcome.failure.reason);
    };
    options.events.stalled = [&](const Received& job) { tally.add("stalled " + std::string(job.payload())); };
    options.events.refused = [&](const Received& job, const Error& error) {
        tally.add("refused " + std::string(job.payload()) + ": " + to_text(error.code));
    };
    options.events.drained = [&] { tally.add("drained"); };
    Worker worker(
        client, "jobs",
        [&](Job& job, std::stop_token token) {
            if (job.payload() == "bad") {
                throw PermanentError("no good");
            }
            if (job.payload() == "endless") {
                tally.add("begun endless");
                std::promise<void> asked;
                const std::stop_callback on_stop(token, [&] { asked.set_value(); });
                asked.get_future().wait();
            }
        },
        options);
    Producer producer(client, "jobs");
    for (const char* payload : {"good", "bad", "endless"}) {
        producer.send(Message{payload, {}, {}, {}});
    }
    CHECK(tally.reaches("completed good", 1));
    CHECK(tally.reaches("failed bad: no good", 1));
    REQUIRE(tally.reaches("begun endless", 1));
    admin.advance_clock(10s);
    CHECK(tally.reaches("stalled endless", 1));
    CHECK(tally.reaches("refused endless: RUN_TIME_EXCEEDED", 1));
    CHECK(tally.reaches("drained", 1));
    CHECK(worker.stop());
    CHECK(tally.of("completed endless") == 0);
    CHECK(admin.show_queue("jobs").failed == 2);
}

TEST_CASE("a worker with more hands does more at a time, without being opened again") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin(client).create_queue("jobs");
    Producer(client, "jobs").produce(std::vector<Message>(5, Message{"job", {}, {}, {}}));
    Tally tally;
    std::promise<void> go;
    auto gate = go.get_future().share();
    Worker worker(client, "jobs", [&](Job&) {
        tally.add("begun");
        gate.wait();
    });
    REQUIRE(tally.reaches("begun", 1));
    CHECK(tally.of("begun") == 1);
    worker.set_concurrency(4);
    CHECK(tally.reaches("begun", 4));
    CHECK(Admin(client).show_queue("jobs").waiting == 1);
    worker.set_concurrency(1);
    go.set_value();
    CHECK(tally.reaches("begun", 5));
    CHECK(worker.stop());
    CHECK(Admin(client).show_queue("jobs").acked_total == 5);
}

TEST_CASE("leases are prolonged as often as the worker is told") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    QueueSettings settings;
    settings.lease = 1h;
    admin.create_queue("jobs", {.settings = settings});
    const auto leased_until = [&] { return admin.show_job("jobs", 0).at_ms; };
    Producer(client, "jobs").produce(Message{"job", {}, {}, {}});
    Tally tally;
    std::promise<void> go;
    auto gate = go.get_future().share();
    Worker worker(client, "jobs",
                  [&](Job&) {
                      tally.add("begun");
                      gate.wait();
                  },
                  {.extend_interval = 100ms});
    REQUIRE(tally.reaches("begun", 1));
    const auto first = leased_until();
    admin.advance_clock(1min);
    // A lease of an hour would be prolonged after twenty minutes: of a clock that does not move by itself.
    CHECK(comes_true([&] { return leased_until() == first + 60'000; }));
    go.set_value();
    CHECK(worker.stop());
}
