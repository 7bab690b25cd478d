// Groups with the real daemon; on a virtual clock, so that no test waits for them.
#include "baton/groups.hpp"

#include "baton/admin.hpp"
#include "baton/consumer.hpp"
#include "baton/producer.hpp"
#include "baton/worker.hpp"
#include "tests/integration/client/comes_true.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <set>
#include <string>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

Message message_of(const std::string& payload, const std::string& group) {
    Message message;
    message.payload = payload;
    message.options.group = group;
    return message;
}

}  // namespace

TEST_CASE("groups take turns, keep their order in strict order, and say their name") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    QueueSettings settings;
    settings.group_order = GroupOrder::strict;
    settings.backoff = Backoff{Backoff::Kind::fixed, 1min, 1min, 0, {}};
    admin.create_queue("orders", {.settings = settings});
    Producer producer(client, "orders");
    for (const char* group : {"a", "b"}) {
        for (int i = 1; i <= 3; ++i) {
            producer.produce(message_of(group + std::to_string(i), group));
        }
    }
    CHECK(admin.show_queue("orders").grouped == 6);
    CHECK(admin.show_queue("orders").groups == 2);
    Consumer consumer(client, "orders", {.credit_messages = 10});
    const Batch first = consumer.receive_batch(10, 20s);
    REQUIRE(first.size() == 2);
    std::set<std::string> groups;
    for (const MessageView one : first) {
        groups.insert(std::string(one.group()));
        CHECK(one.payload() == std::string(one.group()) + "1");
    }
    CHECK(groups == std::set<std::string>{"a", "b"});
    first.slice(0, 1).fail({"not now"});
    first.slice(1, 1).ack();
    consumer.flush();
    const std::string failed(first[0].group()), other(first[1].group());
    const Batch second = consumer.receive_batch(10, 20s);
    REQUIRE(second.size() == 1);
    CHECK(second[0].payload() == other + "2");
    CHECK(Groups(client).show("orders", failed).hold == Hold::retry);
    daemon.kill();
    daemon.start();
    CHECK(Groups(client).show("orders", failed).retrying == 1);
    admin.advance_clock(1min);
    bool seen = false;
    while (!seen) {
        const Batch third = consumer.receive_batch(10, 20s);
        REQUIRE(!third.empty());
        for (const MessageView one : third) {
            seen = seen || one.payload() == failed + "1";
            CHECK(one.payload() != failed + "2");
        }
    }
}

TEST_CASE("a worker holds its group back, and administration sets groups apart") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("calls");
    Groups groups(client);
    CHECK(groups.pause("calls", "later").hold == Hold::paused);
    std::atomic<int> slow{0}, fast{0}, later{0};
    Worker worker(client, "calls", Worker::Handler([&](Job& job) {
                      if (job.message().group() == "slow" && slow++ == 0) {
                          throw RateLimited(1min, RateLimitScope::group);
                      }
                      fast += job.message().group() == "fast" ? 1 : 0;
                      later += job.message().group() == "later" ? 1 : 0;
                      return Outcome::ok();
                  }));
    Producer producer(client, "calls");
    producer.produce(message_of("1", "slow"));
    producer.produce(message_of("2", "fast"));
    producer.produce(message_of("3", "later"));
    REQUIRE(comes_true([&] { return slow == 1 && fast == 1; }));
    CHECK(comes_true([&] { return groups.show("calls", "slow").hold == Hold::penalty; }));
    CHECK(groups.show("calls", "slow").waiting == 1);
    admin.advance_clock(1min);
    CHECK(comes_true([&] { return slow == 2; }));
    CHECK(later == 0);
    // Handed to the handler is not yet acked: the group of "1" is there until the server has its ack.
    CHECK(comes_true([&] { return groups.list("calls").groups.size() == 1; }));
    groups.resume("calls", "later");
    CHECK(comes_true([&] { return later == 1; }));
    GroupSettings limits;
    limits.rate = RateLimit{1, 1min, 0};
    limits.max_in_flight = 2;
    const GroupInfo set = groups.set("calls", "fast", limits);
    CHECK(set.max_in_flight == 2U);
    REQUIRE(set.rate);
    CHECK(set.rate->permits == 1);
    CHECK_FALSE(groups.set("calls", "fast", {.reset = true}).rate);
}
