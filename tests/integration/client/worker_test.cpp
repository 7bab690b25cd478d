#include "baton/worker.hpp"

#include "baton/admin.hpp"
#include "baton/producer.hpp"
#include "tests/integration/client/comes_true.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

/// Something that a handler tells and the test waits for.
class Counter {
public:
    void add() {
        const std::lock_guard lock(mutex_);
        count_ += 1;
        changed_.notify_all();
    }
    bool reaches(int count, std::chrono::milliseconds timeout = 20s) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, timeout, [&] { return count_ >= count; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
};

/// Lets more than two leases of an hour pass, and goes on whenever that of the only job was prolonged.
bool is_prolonged(Admin& admin, const std::string& queue) {
    const auto leased_until = [&] { return admin.show_job(queue, 0).at_ms; };
    for (int i = 0; i < 4; ++i) {
        const std::int64_t prolonged = leased_until() + std::chrono::milliseconds(40min).count();
        admin.advance_clock(40min);
        if (!comes_true([&] { return leased_until() == prolonged; })) {
            return false;
        }
    }
    return true;
}

}  // namespace

TEST_CASE("a worker settles each message by how its handler ends") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    QueueSettings settings;
    settings.max_attempts = 3;
    settings.backoff = Backoff{Backoff::Kind::fixed, 20ms, 20ms, 0, {}};
    admin.create_queue("jobs", {.settings = settings});
    Producer producer(client, "jobs");
    for (const char* kind : {"ok", "flaky", "permanent", "later", "unknown", "hopeless"}) {
        producer.produce(Message{kind, {}, {}, {}});
    }
    Counter ends;
    WorkerOptions options;
    options.concurrency = 3;
    options.on_done = [&](const Job&, const Outcome&) { ends.add(); };
    Worker worker(
        client, "jobs",
        [](Job& job) {
            const std::string kind(job.payload());
            if (kind == "permanent") {
                throw PermanentError("never");
            }
            if (kind == "flaky" && job.attempt() < 3) {
                throw RetryableError("again");
            }
            if (kind == "later" && job.attempt() == 1) {
                throw RetryAfter(10ms);
            }
            if (kind == "unknown" && job.attempt() == 1) {
                throw std::out_of_range("what it says");
            }
            if (kind == "hopeless") {
                throw 42;
            }
        },
        options);

    REQUIRE(ends.reaches(1 + 3 + 1 + 2 + 2 + 3));
    CHECK(worker.stop());
    CHECK(worker.finished() == 12);
    CHECK(worker.failed() == 8);
    const QueueInfo info = admin.show_queue("jobs");
    CHECK(info.acked_total == 4);
    CHECK(info.waiting + info.leased + info.delayed == 0);
    REQUIRE(info.failed == 2);
    const MessagePage failed = admin.list_failed("jobs");
    CHECK(failed.messages[0].payload == "permanent");
    CHECK(failed.messages[0].attempts.back().reason == "never");
    CHECK(failed.messages[1].payload == "hopeless");
}

TEST_CASE("leases of a busy handler are prolonged, and those of a stuck consumer are not") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    QueueSettings settings;
    settings.lease = 1h;
    admin.create_queue("slow", {.settings = settings});
    Producer producer(client, "slow");
    producer.produce(Message{"long work", {}, {}, {}});
    Counter begun;
    std::atomic<bool> lost{false};
    std::promise<void> go;
    auto gate = go.get_future().share();
    Worker worker(client, "slow",
                  [&](Job& job) {
                      begun.add();
                      gate.wait();
                      lost = job.lease_lost();
                  },
                  {.extend_interval = 100ms});
    REQUIRE(begun.reaches(1));
    CHECK(is_prolonged(admin, "slow"));
    go.set_value();
    CHECK(worker.stop());
    CHECK_FALSE(lost);
    QueueInfo info = admin.show_queue("slow");
    CHECK(info.acked_total == 1);
    CHECK(info.redelivered_total == 0);

    producer.produce(Message{"forgotten", {}, {}, {}});
    Consumer consumer(client, "slow");
    const auto held = consumer.receive(10s);
    REQUIRE(held);
    admin.advance_clock(1h);
    const auto again = consumer.receive(10s);
    REQUIRE(again);
    CHECK(again->view().cause() == Cause::lease_expired);
    CHECK(again->view().lease_losses() == 1);
    again->ack();
    consumer.flush();
}

TEST_CASE("a worker that stops finishes what runs and gives back what it has not begun") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("jobs");
    Producer producer(client, "jobs");
    for (int i = 0; i < 10; ++i) {
        producer.produce(Message{std::to_string(i), {}, {}, {}});
    }
    Counter begun;
    std::promise<void> go;
    auto gate = go.get_future().share();
    WorkerOptions options;
    options.concurrency = 2;
    options.prefetch = 4;
    Worker worker(
        client, "jobs",
        [&](Job&) {
            begun.add();
            gate.wait();
        },
        options);
    REQUIRE(begun.reaches(2));
    CHECK_FALSE(worker.stop(50ms));
    CHECK(worker.running() == 2);
    go.set_value();
    CHECK(worker.stop(20s));
    const QueueInfo info = admin.show_queue("jobs");
    CHECK(info.acked_total == 2);
    CHECK(info.waiting == 8);
    CHECK(info.leased == 0);
}

TEST_CASE("messages delivered together are worked on together") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin(client).create_queue("jobs");
    Producer producer(client, "jobs");
    Counter begun;
    std::promise<void> go;
    auto gate = go.get_future().share();
    WorkerOptions options;
    options.concurrency = 4;
    Worker worker(
        client, "jobs",
        [&](Job&) {
            begun.add();
            gate.wait();
        },
        options);
    producer.produce(Message{"alone", {}, {}, {}});
    REQUIRE(begun.reaches(1));
    producer.produce(std::vector<Message>(3, Message{"together", {}, {}, {}}));
    CHECK(begun.reaches(4, 5s));
    go.set_value();
    CHECK(worker.stop());
}

TEST_CASE("a worker that is destroyed keeps the leases of what still runs") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    QueueSettings settings;
    settings.lease = 1h;
    admin.create_queue("slow", {.settings = settings});
    Producer(client, "slow").produce(Message{"long work", {}, {}, {}});
    Counter begun, told;
    std::promise<void> go;
    auto gate = go.get_future().share();
    auto worker = std::make_unique<Worker>(
        client, "slow",
        [&](Job& job) {
            begun.add();
            if (comes_true([&] { return job.stopping(); })) {
                told.add();
            }
            gate.wait();
        },
        WorkerOptions{.extend_interval = 100ms});
    REQUIRE(begun.reaches(1));
    auto destroyed = std::async(std::launch::async, [&] { worker.reset(); });
    CHECK(told.reaches(1));
    CHECK(is_prolonged(admin, "slow"));
    go.set_value();
    destroyed.get();
    const QueueInfo info = admin.show_queue("slow");
    CHECK(info.acked_total == 1);
    CHECK(info.redelivered_total == 0);
}
