// kill -9 of the real daemon, again and again, while a producer and a consumer work through it. Afterwards: every
// confirmed message came out, none came after its ack was confirmed, and none came twice without a cause.
#include "baton/baton.hpp"
#include "tests/crash/kill_work.hpp"
#include "tests/integration/client/running_daemon.hpp"
#include "tests/support/prng.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdlib>
#include <thread>

using namespace baton;
using tests::check;
using tests::KillProducer;
using tests::KillReader;
using tests::Reading;
using tests::SentMessages;

namespace {

int cycles() {
    const char* wanted = std::getenv("BATON_KILL_CYCLES");
    return wanted != nullptr ? std::atoi(wanted) : 50;
}

/// Kills the daemon again and again while everybody works.
void kill_again_and_again(tests::RunningDaemon& daemon, int times) {
    tests::Prng random(1);
    for (int cycle = 0; cycle < times; ++cycle) {
        std::this_thread::sleep_for(std::chrono::milliseconds(random.between(50, 300)));
        daemon.kill();
        daemon.start();
    }
}

}  // namespace

TEST_CASE("kill -9 loses no confirmed message and brings none back after its ack") {
    tests::RunningDaemon daemon;
    SentMessages sent;
    Client producing = daemon.connect();
    Client consuming = daemon.connect();
    Admin admin(producing);
    admin.create_queue("killed");
    KillReader reader(sent);
    Reading reading(consuming, "killed", reader);
    KillProducer producer(producing, sent, {"killed"});
    kill_again_and_again(daemon, cycles());
    producer.finish();
    check(reading, admin);
    WARN(cycles() << " kills, " << sent.confirmed_count() << " confirmed messages of " << sent.sent << " sent");
    CHECK(sent.confirmed_count() > 0);
    CHECK(sent.refused == 0);
    CHECK(sent.misplaced == 0);
}

TEST_CASE("kill -9 loses nothing to subscriptions, with filters and without, and to a bound queue") {
    tests::RunningDaemon daemon;
    SentMessages sent;
    Client producing = daemon.connect();
    Client consuming = daemon.connect();
    Admin admin(producing);
    Topics topics(producing);
    topics.create("killed.topic", {.topic = {.retention = {}, .interest = true}, .settings = {}});
    topics.subscribe("killed.topic", "all");
    SubscriptionOptions even;
    even.filter = Filter{{FilterCondition::equals("parity", "even")}};
    topics.subscribe("killed.*", "even", even);
    admin.create_queue("bound");
    topics.bind({"b", "#", "bound"});
    KillReader by_all(sent), by_even(sent, tests::has_even), by_bound(sent);
    Reading all(consuming, "killed.topic/all", by_all), second(consuming, "killed.*/even", by_even),
        bound(consuming, "bound", by_bound);
    KillProducer producer(producing, sent, {"killed.topic"});
    kill_again_and_again(daemon, (cycles() + 1) / 2);
    producer.finish();
    for (Reading* reading : {&all, &second, &bound}) {
        check(*reading, admin);
    }
    CHECK(sent.confirmed_count() > 0);
    CHECK(sent.refused == 0);
    CHECK(sent.misplaced == 0);
    CHECK(admin.doctor().ailments.empty());
}
