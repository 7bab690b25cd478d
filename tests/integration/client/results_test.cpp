// What jobs return, kept by the real daemon and read back, over a kill too.
#include "baton/admin.hpp"
#include "baton/producer.hpp"
#include "baton/worker.hpp"
#include "tests/integration/client/comes_true.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

bool completes(Admin& admin, const std::string& queue, std::uint64_t wanted) {
    return comes_true([&] { return admin.show_queue(queue).completed == wanted; });
}

}  // namespace

TEST_CASE("what a handler returns is read back by the id of its job, also after a kill") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("sums", {.profile = Profile::job, .settings = {}});
    Producer producer(client, "sums");
    const BatchReceipt receipt =
        producer.produce(std::vector<Message>{Message{"1 2", {}, {}, {}}, Message{"3 4", {}, {}, {}}});
    {
        Worker worker(client, "sums", [](Job& job) { return "sum of " + std::string(job.payload()); },
                      {.worker = "adder"});
        CHECK(completes(admin, "sums", 2));
    }
    daemon.kill();
    daemon.start();
    const StoredMessage job = admin.show_job("sums", receipt.first_offset + 1);
    CHECK(job.state == MessageState::completed);
    CHECK(job.worker == "adder");
    CHECK(job.payload == "3 4");
    CHECK(job.started_ms != 0);
    REQUIRE(job.result);
    CHECK(*job.result == JobResult{"sum of 3 4", "text/plain"});
    const MessagePage newest = admin.peek("sums", {.state = MessageState::completed});
    CHECK(newest.messages.size() == 2);

    CHECK(admin.retry_failed("sums", {.offsets = {receipt.first_offset}}).messages == 1);
    CHECK(admin.show_queue("sums").completed == 1);
    CHECK(admin.purge_queue("sums", false, true).messages == 2);
}

TEST_CASE("a queue keeps as many completed jobs as it is told to") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    QueueSettings settings;
    settings.completed_retention = Retention{.messages = 3, .age = {}, .bytes = {}};
    const QueueInfo made = admin.create_queue("few", {.profile = Profile::job, .settings = settings});
    CHECK(made.settings.completed_retention->messages == 3U);
    CHECK(made.settings.completed_retention->age == 24h);
    Producer producer(client, "few");
    for (int i = 0; i < 20; ++i) {
        producer.send(Message{std::to_string(i), {}, {}, {}});
    }
    producer.flush();
    std::atomic<int> done{0};
    Worker worker(client, "few", [&](Job&) {
        done += 1;
        return JobResult{"{}", "application/json"};
    });
    CHECK(comes_true([&] { return admin.show_queue("few").retired_total == 17; }));
    CHECK(admin.show_queue("few").completed == 3);
    CHECK(admin.peek("few", {.state = MessageState::completed}).messages.at(0).payload == "19");
}
