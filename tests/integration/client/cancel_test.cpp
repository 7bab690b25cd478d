// Cancelled jobs through client and daemon: the stop token of a running handler fires, what waits is gone.
#include "baton/admin.hpp"
#include "baton/producer.hpp"
#include "baton/worker.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <future>
#include <mutex>
#include <string>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;
using Offsets = std::vector<std::uint64_t>;

TEST_CASE("the stop token of a cancelled job fires, and the job is gone") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("q", {.profile = Profile::job});
    Producer producer(client, "q");
    producer.produce(Message{"runs", {}, {}, {}});
    producer.produce(Message{"buffered", {}, {}, {}});
    producer.flush(10s);
    std::promise<std::string> began;
    std::promise<bool> was_cancelled;
    WorkerOptions options;
    options.prefetch = 1;
    Worker worker(
        client, "q",
        [&](Job& job, std::stop_token token) {
            began.set_value(std::string(job.payload()));
            std::mutex mutex;
            std::condition_variable_any changed;
            std::unique_lock lock(mutex);
            changed.wait_for(lock, token, 20s, [] { return false; });
            was_cancelled.set_value(job.cancelled() && token.stop_requested());
            throw RetryableError("interrupted");
        },
        options);
    auto running = began.get_future();
    REQUIRE(running.wait_for(20s) == std::future_status::ready);
    CHECK(running.get() == "runs");
    const JobsCancelled done = admin.cancel_jobs("q", {0, 1}, 60s);
    CHECK(done.cancelling.size() + done.cancelled.size() == 2);
    auto told = was_cancelled.get_future();
    REQUIRE(told.wait_for(20s) == std::future_status::ready);
    CHECK(told.get());
    CHECK(worker.stop());
    const QueueInfo info = admin.show_queue("q");
    CHECK(info.cancelled_total == 2);
    CHECK(info.waiting + info.delayed + info.leased + info.failed == 0);
}

TEST_CASE("a job that runs longer than it may is stopped and fails") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    QueueSettings settings;
    settings.run_limit = 10s;  // Shorter than the lease.
    settings.max_attempts = 1;
    CHECK(admin.create_queue("q", {.profile = Profile::job, .settings = settings}).settings.run_limit == 10s);
    Producer producer(client, "q");
    producer.produce(Message{"long", {}, {}, {}});
    std::promise<void> began;
    std::promise<bool> ended;
    Worker worker(client, "q", [&](Job& job, std::stop_token token) {
        began.set_value();
        std::mutex mutex;
        std::condition_variable_any changed;
        std::unique_lock lock(mutex);
        changed.wait_for(lock, token, 20s, [] { return false; });
        ended.set_value(job.lease_lost() && !job.cancelled());
    });
    REQUIRE(began.get_future().wait_for(20s) == std::future_status::ready);
    admin.advance_clock(10s);
    auto told = ended.get_future();
    REQUIRE(told.wait_for(20s) == std::future_status::ready);
    CHECK(told.get());
    CHECK(worker.stop());
    const MessagePage failed = admin.list_failed("q");
    REQUIRE(failed.messages.size() == 1);
    CHECK(failed.messages[0].attempts.at(0).error_class == "RunTimeExceeded");
}

TEST_CASE("a late settle of a cancelled job is refused with the reason") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("q", {.profile = Profile::job});
    Producer producer(client, "q");
    producer.produce(Message{"a", {}, {}, {}});
    std::promise<LeaseRevocation> revoked;
    ConsumerOptions options;
    options.on_revoked = [&](const LeaseRevocation& one) { revoked.set_value(one); };
    Consumer consumer(client, "q", options);
    const auto held = consumer.receive(20s);
    REQUIRE(held);
    CHECK(admin.cancel_jobs("q", {held->id().offset}, 0ms).cancelled == Offsets{held->id().offset});
    auto told = revoked.get_future();
    REQUIRE(told.wait_for(20s) == std::future_status::ready);
    CHECK(told.get().reason == LeaseRevocation::Reason::cancelled);
    std::promise<ErrorCode> answer;
    held->ack([&](const Result<SettleReport>& report) {
        answer.set_value(report.value().refusals.empty() ? ErrorCode::ok : report.value().refusals[0].code);
    });
    auto code = answer.get_future();
    REQUIRE(code.wait_for(20s) == std::future_status::ready);
    CHECK(code.get() == ErrorCode::job_cancelled);
    const JobsCancelled again = admin.cancel_jobs("q", {held->id().offset});
    REQUIRE(again.refusals.size() == 1);
    CHECK(again.refusals[0].error.code == ErrorCode::message_not_found);
}
