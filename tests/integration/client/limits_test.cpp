// Limits of a queue with the real daemon; on a virtual clock, so that no test waits for them.
#include "baton/admin.hpp"
#include "baton/consumer.hpp"
#include "baton/producer.hpp"
#include "baton/worker.hpp"
#include "tests/integration/client/comes_true.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

TEST_CASE("a rate limit holds for all workers, and its state survives a kill") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    QueueSettings settings;
    settings.rate_limit = RateLimit{10, 1min, 15};
    admin.create_queue("calls", {.settings = settings});
    std::atomic<int> done{0};
    const auto handler = [&](Job&) { done += 1; };
    {
        Worker first(client, "calls", handler, {.concurrency = 2, .prefetch = 8});
        Worker second(client, "calls", handler, {.concurrency = 2, .prefetch = 8});
        Producer producer(client, "calls");
        for (int i = 0; i < 40; ++i) {
            producer.send(Message{std::to_string(i), {}, {}, {}});
        }
        producer.flush();
        CHECK(comes_true([&] { return done == 15; }));
        const QueueInfo held = admin.show_queue("calls");
        CHECK(held.hold == Hold::rate);
        CHECK(held.waiting == 25);
        admin.advance_clock(6s);
        CHECK(comes_true([&] { return done == 16; }));
    }
    daemon.kill();
    daemon.start();
    Worker worker(client, "calls", handler, {.concurrency = 4});
    admin.advance_clock(5'999ms);
    CHECK(done == 16);
    CHECK(admin.show_queue("calls").hold == Hold::rate);
    admin.advance_clock(1ms);
    CHECK(comes_true([&] { return done == 17; }));
}

TEST_CASE("a worker that is rate limited by its provider holds its queue back, without a failure") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    QueueSettings settings;
    settings.max_attempts = 1;
    admin.create_queue("calls", {.settings = settings});
    std::atomic<int> tries{0}, failures{0};
    Worker worker(client, "calls", Worker::Handler([&](Job& job) {
                      failures += job.attempt() == 1 ? 0 : 1;
                      if (tries++ == 0) {
                          throw RateLimited(1min);
                      }
                      return Outcome::ok();
                  }));
    Producer(client, "calls").produce(Message{"call", {}, {}, {}});
    REQUIRE(comes_true([&] { return tries == 1; }));
    CHECK(comes_true([&] { return admin.show_queue("calls").hold == Hold::penalty; }));
    CHECK(admin.show_queue("calls").waiting == 1);
    admin.advance_clock(1min);
    CHECK(comes_true([&] { return tries == 2; }));
    worker.stop();
    CHECK(failures == 0);
    const QueueInfo ended = admin.show_queue("calls");
    CHECK(ended.acked_total == 1);
    CHECK(ended.failed == 0);
    CHECK(worker.finished() == 1);
    CHECK(worker.failed() == 0);
}

TEST_CASE("parallel producers fill a queue to its limit exactly") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    QueueSettings settings;
    settings.max_messages = 1'000;
    admin.create_queue("inbox", {.settings = settings});
    std::atomic<int> taken{0}, full{0}, other{0}, without_pause{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            Client own = daemon.connect();
            Producer producer(own, "inbox");
            for (int i = 0; i < 500; ++i) {
                producer.send(Message{"x", {}, {}, {}}, [&](const Result<Receipt>& result) {
                    (result ? taken : full) += 1;
                    if (!result) {
                        other += result.error().code == ErrorCode::queue_full ? 0 : 1;
                        without_pause += result.error().retry_after_ms > 0 ? 0 : 1;
                    }
                });
            }
            producer.flush();
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(taken + full == 2'000);
    CHECK(other == 0);
    CHECK(without_pause == 0);
    // A batch is taken or refused as a whole, so that the last ones may not fit.
    CHECK(admin.show_queue("inbox").waiting == static_cast<std::uint64_t>(taken));
    CHECK(taken <= 1'000);
}

TEST_CASE("a producer waits for room, is told so, and goes on when there is some") {
    RunningDaemon daemon;
    std::promise<void> blocked, unblocked;
    ClientOptions options;
    options.on_event = [&](const ConnectionEvent& event) {
        if (event.kind == ConnectionEvent::Kind::blocked) {
            blocked.set_value();
        } else if (event.kind == ConnectionEvent::Kind::unblocked) {
            unblocked.set_value();
        }
    };
    Client client = Client::connect(daemon.address(), options);
    Admin admin(client);
    QueueSettings settings;
    settings.max_messages = 1;
    settings.overflow = Overflow::block;
    settings.block_timeout = 20s;
    admin.create_queue("inbox", {.settings = settings});
    Producer producer(client, "inbox");
    producer.produce(Message{"one", {}, {}, {}});
    std::promise<Result<Receipt>> second;
    producer.send(Message{"two", {}, {}, {}}, [&](const Result<Receipt>& result) { second.set_value(result); });
    auto answer = second.get_future();
    REQUIRE(blocked.get_future().wait_for(20s) == std::future_status::ready);
    CHECK(answer.wait_for(50ms) == std::future_status::timeout);

    Consumer consumer(client, "inbox");
    const auto one = consumer.receive(10s);
    REQUIRE(one);
    CHECK(one->payload() == "one");
    REQUIRE(answer.wait_for(20s) == std::future_status::ready);
    CHECK(answer.get().ok());
    CHECK(unblocked.get_future().wait_for(20s) == std::future_status::ready);
}
