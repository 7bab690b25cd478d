#include "baton/worker.hpp"

#include "tests/unit/client/fake_server.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <latch>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

/// A worker whose server is the test.
class WorkerSetup {
public:
    WorkerSetup(Worker::Handler handler, WorkerOptions options) {
        auto connecting = std::async(std::launch::async, [&] { return Client::connect(server_.address()); });
        connection_.emplace(server_.accept());
        connection_->welcome();
        client_.emplace(connecting.get());
        auto opening = std::async(std::launch::async,
                                  [&] { worker_.emplace(*client_, "orders", std::move(handler), std::move(options)); });
        const v1::ClientFrame open = connection_->read();
        opened_ = open.open_consumer();
        connection_->send_done(open.request_id());
        opening.get();
    }
    ~WorkerSetup() {
        client_->close(0ms);  // Ends the threads of the worker, which nobody answers.
    }

    Worker& worker() { return *worker_; }
    FakeConnection& connection() { return *connection_; }
    const v1::OpenConsumer& opened() const { return opened_; }
    void deliver(std::uint64_t batch, std::uint64_t first, std::uint32_t count) {
        connection_->send_delivery(0, opened_.consumer_id(), batch, first, count);
    }
    /// The next frame that wants an answer; a change of credit gets it here.
    v1::ClientFrame read() {
        v1::ClientFrame frame = connection_->read();
        while (frame.request_id() == 0) {
            frame = connection_->read();
        }
        if (frame.has_set_credit()) {
            connection_->send_done(frame.request_id());
        }
        return frame;
    }
    /// The next settle; the credit that the worker asked for before it is noted.
    v1::ClientFrame read_settle() {
        v1::ClientFrame frame = read();
        while (!frame.has_settle()) {
            if (frame.has_set_credit()) {
                credits.push_back(frame.set_credit().credit_messages());
            }
            frame = read();
        }
        return frame;
    }
    void refuse(const v1::ClientFrame& settle, v1::ErrorCode code) {
        v1::ServerFrame reply;
        reply.set_request_id(settle.request_id());
        v1::SettleRefusal& refusal = *reply.mutable_settled()->add_refusals();
        *refusal.mutable_range() = settle.settle().settlements(0).ranges(0);
        refusal.set_code(code);
        refusal.set_message("too late");
        connection_->send(reply);
    }
    void show_queue(const v1::ClientFrame& asked, std::uint64_t waiting) {
        v1::ServerFrame reply;
        reply.set_request_id(asked.request_id());
        reply.mutable_queue_info()->set_name("orders");
        reply.mutable_queue_info()->set_waiting(waiting);
        connection_->send(reply);
    }

    std::vector<std::uint32_t> credits;

private:
    FakeServer server_;
    std::optional<FakeConnection> connection_;
    std::optional<Client> client_;
    std::optional<Worker> worker_;
    v1::OpenConsumer opened_;
};

Outcome succeed(Job&) { return Outcome::ok(); }

}  // namespace

TEST_CASE("a worker with a rate limit holds no more than it may begin") {
    WorkerSetup setup(succeed, {.concurrency = 4, .rate_limit = {2, 1h}});
    CHECK(setup.opened().credit_messages() == 2);
    setup.deliver(1, 0, 2);
    int acked = 0;
    while (acked < 2) {
        const v1::ClientFrame settle = setup.read_settle();
        for (const auto& range : settle.settle().settlements(0).ranges()) {
            acked += static_cast<int>(range.count());
        }
        REQUIRE_FALSE(setup.credits.empty());
        CHECK(setup.credits.back() <= static_cast<std::uint32_t>(2 - acked));
        setup.connection().send_settled(settle.request_id());
    }
}

TEST_CASE("a worker asks for more by itself when the next permit comes") {
    WorkerSetup setup(succeed, {.rate_limit = {1, 2s}});
    setup.deliver(1, 0, 1);
    const v1::ClientFrame settle = setup.read_settle();
    CHECK(setup.credits == std::vector<std::uint32_t>{0});
    setup.connection().send_settled(settle.request_id());
    const v1::ClientFrame more = setup.read();
    REQUIRE(more.has_set_credit());
    CHECK(more.set_credit().credit_messages() == 1);
}

TEST_CASE("the concurrency of a worker can be raised and lowered while it works") {
    std::latch all_begun(4);  // Three jobs and the test.
    WorkerSetup setup(
        [&](Job&) {
            all_begun.arrive_and_wait();
            return Outcome::ok();
        },
        {.concurrency = 1});
    setup.worker().set_concurrency(3);
    const v1::ClientFrame raised = setup.read();
    CHECK(raised.set_credit().credit_messages() == 3);
    setup.deliver(1, 0, 3);
    all_begun.arrive_and_wait();
    setup.connection().send_settled(setup.read_settle().request_id());
    setup.worker().set_concurrency(0);
    while (setup.credits.empty()) {
        const v1::ClientFrame frame = setup.read();
        if (frame.has_settle()) {
            setup.connection().send_settled(frame.request_id());
        } else if (frame.has_set_credit()) {
            setup.credits.push_back(frame.set_credit().credit_messages());
        }
    }
    CHECK(setup.credits == std::vector<std::uint32_t>{1});
}

TEST_CASE("a job is told as completed or failed when the server has its end, not before") {
    std::atomic<bool> answered{false};
    std::promise<std::string> completed, failed;
    WorkerOptions options;
    options.events.completed = [&](const Received& job, const Outcome&) {
        completed.set_value(std::string(job.payload()) + (answered ? " answered" : " unanswered"));
    };
    options.events.failed = [&](const Received& job, const Outcome& outcome) {
        failed.set_value(std::string(job.payload()) + " " + outcome.failure.reason);
    };
    WorkerSetup setup([](Job& job) { return job.payload() == "m0" ? Outcome::ok() : Outcome::permanent("why not"); },
                      options);
    setup.deliver(1, 0, 1);
    const v1::ClientFrame settled = setup.read_settle();
    REQUIRE(settled.settle().settlements(0).has_ack());
    answered = true;
    setup.connection().send_settled(settled.request_id());
    CHECK(completed.get_future().get() == "m0 answered");
    setup.deliver(2, 1, 1);
    setup.connection().send_settled(setup.read_settle().request_id());
    CHECK(failed.get_future().get() == "m1 why not");
}

TEST_CASE("a job whose end is refused is told so, and not as completed") {
    std::promise<ErrorCode> refused;
    std::atomic<int> completed{0};
    WorkerOptions options;
    options.events.completed = [&](const Received&, const Outcome&) { completed += 1; };
    options.events.refused = [&](const Received&, const Error& error) { refused.set_value(error.code); };
    WorkerSetup setup(succeed, options);
    setup.deliver(1, 0, 1);
    setup.refuse(setup.read_settle(), v1::LEASE_SUPERSEDED);
    CHECK(refused.get_future().get() == ErrorCode::lease_superseded);
    CHECK(completed == 0);
}

TEST_CASE("a job that loses its lease is told as stalled, and a later delivery of the same message is not") {
    std::promise<std::string> stalled;
    std::promise<void> end;
    auto ended = end.get_future().share();
    std::latch both_begun(3), both_ended(3);  // Two jobs and the test.
    std::atomic<int> lost{0};
    WorkerOptions options;
    options.concurrency = 2;
    options.extend_interval = 100ms;
    options.events.stalled = [&](const Received& job) { stalled.set_value(std::string(job.payload())); };
    options.on_done = [&](const Job& job, const Outcome&) {
        lost += job.lease_lost() ? 1 : 0;
        both_ended.count_down();
    };
    WorkerSetup setup(
        [&](Job&) {
            both_begun.arrive_and_wait();
            ended.wait();
            return Outcome::ok();
        },
        options);
    setup.deliver(1, 0, 1);
    setup.deliver(2, 0, 1);
    both_begun.arrive_and_wait();
    const v1::ClientFrame extend = setup.read_settle();
    REQUIRE(extend.settle().settlements(0).has_extend());
    REQUIRE(extend.settle().settlements(0).token().batch() == 1);
    setup.refuse(extend, v1::LEASE_SUPERSEDED);
    CHECK(stalled.get_future().get() == "m0");
    end.set_value();
    both_ended.arrive_and_wait();
    CHECK(lost == 1);
}

TEST_CASE("the queue is told as drained when nothing is left in it, once for each time") {
    std::promise<void> drained;
    WorkerOptions options;
    options.events.drained = [&] { drained.set_value(); };
    WorkerSetup setup(succeed, options);
    auto told = drained.get_future();
    setup.deliver(1, 0, 1);
    setup.connection().send_settled(setup.read_settle().request_id());
    const v1::ClientFrame first = setup.read();
    REQUIRE(first.show_queue().name() == "orders");
    setup.show_queue(first, 1);
    setup.deliver(2, 1, 1);
    setup.connection().send_settled(setup.read_settle().request_id());
    const v1::ClientFrame second = setup.read();
    REQUIRE(second.has_show_queue());
    CHECK(told.wait_for(0s) == std::future_status::timeout);
    setup.show_queue(second, 0);
    REQUIRE(told.wait_for(20s) == std::future_status::ready);
}

TEST_CASE("when the worker waits no longer for its jobs, their stop tokens fire") {
    std::promise<void> begun;
    std::promise<bool> stopped;
    WorkerSetup setup(
        [&](Job& job) {
            std::promise<void> asked;
            const std::stop_callback on_stop(job.stop_token(), [&] { asked.set_value(); });
            begun.set_value();
            asked.get_future().wait();
            stopped.set_value(job.stopping() && !job.lease_lost());
            return Outcome::retry("stopped");
        },
        {});
    setup.deliver(1, 0, 1);
    begun.get_future().wait();
    CHECK_FALSE(setup.worker().stop(1ms));
    CHECK(stopped.get_future().get());
}

TEST_CASE("a worker's options out of bounds are refused") {
    FakeServer server;
    auto connecting = std::async(std::launch::async, [&] { return Client::connect(server.address()); });
    FakeConnection connection = server.accept();
    connection.welcome();
    Client client = connecting.get();
    CHECK_THROWS_WITH(Worker(client, "orders", succeed, {.extend_interval = 99ms}), Catch::Contains("100 ms"));
    CHECK_THROWS_WITH(Worker(client, "orders", succeed, {.rate_limit = {1, 0ms}}), Catch::Contains("1 ms"));
    client.close(0ms);
}
