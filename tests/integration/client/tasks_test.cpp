// Lists by a filter and background tasks with the real daemon, over a kill too.
#include "baton/tasks.hpp"

#include "baton/admin.hpp"
#include "baton/producer.hpp"
#include "baton/worker.hpp"
#include "tests/integration/client/comes_true.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

void produce_kinds(const Client& client, const std::string& queue, int count) {
    Producer producer(client, queue);
    std::vector<Message> messages;
    for (int i = 0; i < count; ++i) {
        Message message;
        message.payload = std::to_string(i);
        message.name = i % 2 == 0 ? "mail" : "sms";
        message.headers = {{"tenant", i % 5 == 0 ? "acme" : "zeta"}};
        messages.push_back(std::move(message));
    }
    producer.produce(messages);
}

}  // namespace

TEST_CASE("jobs are listed by a filter and removed by a task, which tells what it did") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin(client).create_queue("jobs", {.profile = Profile::job, .settings = {}});
    produce_kinds(client, "jobs", 1'000);
    Tasks tasks(client);
    JobFilter filter;
    filter.name = "m*l";
    filter.headers = {{"tenant", "acme"}};
    std::size_t listed = 0;
    std::string cursor;
    do {
        const MessagePage page = tasks.list_jobs("jobs", filter, cursor, 30);
        for (const StoredMessage& one : page.messages) {
            CHECK(one.name == "mail");
        }
        listed += page.messages.size();
        cursor = page.next;
    } while (!cursor.empty());
    CHECK(listed == 100);

    TaskOptions options;
    options.filter = filter;
    options.dry_run = true;
    const TaskInfo counted = tasks.wait(tasks.start(TaskKind::remove, "jobs", options).id, 20s);
    CHECK(counted.state == TaskState::done);
    CHECK(counted.matched == 100);
    CHECK(counted.done == 0);
    options.dry_run = false;
    const TaskInfo removed = tasks.wait(tasks.start(TaskKind::remove, "jobs", options).id, 20s);
    CHECK(removed.done == 100);
    CHECK(Admin(client).show_queue("jobs").waiting == 900);
    CHECK(tasks.list("jobs").tasks.size() == 2);
}

TEST_CASE("a slow task goes on after a kill and is cancelled") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("jobs", {.profile = Profile::job, .settings = {}});
    produce_kinds(client, "jobs", 1'000);
    Tasks tasks(client);
    TaskOptions options;
    options.rate = 10;
    const std::uint64_t id = tasks.start(TaskKind::drain, "jobs", options).id;
    CHECK(comes_true([&] { return tasks.show(id).done >= 10; }));
    daemon.kill();
    daemon.start();
    CHECK(comes_true([&] { return tasks.show(id).done >= 20; }));
    CHECK(tasks.cancel(id).state == TaskState::cancelled);
    const std::uint64_t left = admin.show_queue("jobs").waiting;
    CHECK(left + tasks.show(id).done == 1'000);
    TaskOptions force;
    force.force = true;
    CHECK(tasks.wait(tasks.start(TaskKind::obliterate, "jobs", force).id, 20s).state == TaskState::done);
    CHECK_THROWS_AS(admin.show_queue("jobs"), Exception);
}
