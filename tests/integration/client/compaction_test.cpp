// A topic of which only the last message of each key stays, with the real daemon, over a kill.
#include "baton/admin.hpp"
#include "baton/producer.hpp"
#include "baton/topics.hpp"
#include "tests/integration/client/comes_true.hpp"
#include "tests/integration/client/drained.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

TEST_CASE("the last message of each key is what stays, and where a subscription begins") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Topics topics(client);
    TopicOptions options;
    options.topic.retention = Retention{0, 0ms, 0};
    options.topic.compact = true;
    CHECK(topics.create("customers", options).topic_settings.tombstone == 24h);
    topics.subscribe("customers", "slow");
    Producer producer(client, "customers");
    const auto publish = [&](const std::string& key, const std::string& payload) {
        producer.produce({.payload = payload, .options = {.group = key}});
    };
    for (int i = 0; i < 100; ++i) {
        publish("a", "a" + std::to_string(i));
        publish("b", "b" + std::to_string(i));
    }
    publish("c", "c0");
    publish("b", "");
    topics.subscribe("customers", "view", {.start = Start::last_per_key(), .hold = true});
    CHECK(drained(client, "customers/view", 2) == std::vector<std::string>{"a99", "c0"});
    publish("a", "a100");
    CHECK(drained(client, "customers/view", 1) == std::vector<std::string>{"a100"});
    CHECK(comes_true([&topics] { return topics.show("customers").messages == 3; }, 30s));
    CHECK(topics.show("customers").compacted_total == 200);
    daemon.kill();
    daemon.start();
    CHECK(topics.show("customers").messages == 3);
    CHECK(topics.show("customers").end_offset == 203);
    CHECK(drained(client, "customers/slow", 3) == std::vector<std::string>{"c0", "", "a100"});
    CHECK(Admin(client).show_queue("customers/slow").compacted_total == 200);
    topics.subscribe("customers", "again", {.start = Start::beginning()});
    CHECK(drained(client, "customers/again", 3) == std::vector<std::string>{"c0", "", "a100"});
    topics.create("plain");
    try {
        topics.subscribe("plain", "view", {.start = Start::last_per_key()});
        FAIL("a topic without compaction has no last message of each key");
    } catch (const Exception& refused) {
        CHECK(refused.error().field == "create_subscription.start");
    }
}
