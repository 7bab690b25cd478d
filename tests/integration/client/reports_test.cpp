// What handlers say of their jobs to the real daemon, read back by others, over a kill too.
#include "baton/admin.hpp"
#include "baton/producer.hpp"
#include "baton/worker.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <string>
#include <vector>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

TEST_CASE("progress, log and data of a job are told while it runs and after it, also after a kill") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("videos", {.profile = Profile::job, .settings = {}});
    Producer producer(client, "videos");
    Message message;
    message.payload = "step 1";
    message.name = "encode";
    message.headers = {{"key", "value"}};
    const std::uint64_t offset = producer.produce(message).id.offset;
    std::promise<void> said, looked_at;
    std::vector<std::uint64_t> lines;
    std::string second_run;
    {
        Worker worker(client, "videos", [&](Job& job) {
            if (job.payload() == "step 1") {
                job.progress("50 %");
                lines.push_back(job.log("begun"));
                lines.push_back(job.log("half done"));
                job.set_data("step 2");
                said.set_value();
                looked_at.get_future().wait();
                return Outcome::retry_after(0ms, "again");
            }
            second_run = std::string(job.name()) + ' ' + std::string(job.payload()) + ' ' +
                         std::string(job.message().header("key").value_or(""));
            lines.push_back(job.log("done"));
            return Outcome::ok();
        });
        said.get_future().wait();
        const StoredMessage running = admin.show_job("videos", offset);
        CHECK(running.state == MessageState::leased);
        CHECK(running.progress == "50 %");
        CHECK(running.log_lines == 2);
        CHECK(running.payload == "step 2");
        CHECK(admin.logs("videos", offset).lines.at(1).text == "half done");
        looked_at.set_value();
        CHECK(admin.wait_job("videos", offset, 20s).outcome == JobOutcome::completed);
    }
    CHECK(lines == std::vector<std::uint64_t>{1, 2, 3});
    CHECK(second_run == "encode step 2 value");
    daemon.kill();
    daemon.start();
    const StoredMessage job = admin.show_job("videos", offset);
    CHECK(job.state == MessageState::completed);
    CHECK(job.progress == "50 %");
    CHECK(job.payload == "step 2");
    LogOptions newest;
    newest.newest_first = true;
    newest.limit = 2;
    const LogPage page = admin.logs("videos", offset, newest);
    CHECK(page.total == 3);
    CHECK(page.lines.at(0).text == "done");
    CHECK(page.lines.at(1).number == 2);
    newest.from_line = page.next;
    CHECK(admin.logs("videos", offset, newest).lines.at(0).text == "begun");
    CHECK(admin.remove_jobs("videos", {offset}).removed == 1);
    CHECK_THROWS_AS(admin.logs("videos", offset), Exception);
}

TEST_CASE("a holder whose lease is over says nothing more") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("short", {.profile = Profile::job, .settings = {}});
    Producer(client, "short").produce(Message{"a", {}, {}, {}});
    Consumer consumer(client, "short", {.credit_messages = 0});
    const Received job(consumer.fetch(1, 10s));
    job.set_progress("here");
    CHECK(job.append_log({"one", "two"}).lines == 2);
    CHECK(job.clear_log(1).next_line == 3);
    job.set_data(Message{"b", {}, {}, {}});
    job.ack();
    consumer.flush(10s);
    const auto refused = [&](const auto& call) {
        try {
            call();
        } catch (const Exception& failure) {
            return failure.error().code;
        }
        return ErrorCode::ok;
    };
    CHECK(refused([&] { job.set_progress("late"); }) == ErrorCode::already_settled);
    CHECK(refused([&] { job.append_log({"late"}); }) == ErrorCode::already_settled);
    CHECK(refused([&] { job.set_data(Message{"c", {}, {}, {}}); }) == ErrorCode::already_settled);
    CHECK(admin.show_job("short", job.id().offset).payload == "b");
}
