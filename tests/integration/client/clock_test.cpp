// How users test what takes days: the real daemon on a clock that moves by request.
#include "baton/admin.hpp"
#include "baton/consumer.hpp"
#include "baton/producer.hpp"
#include "tests/integration/client/running_daemon.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>

using namespace baton;
using namespace baton::tests;
using namespace std::chrono_literals;

namespace {

constexpr int clock_mismatch = 68;

}  // namespace

TEST_CASE("a message delayed by two days comes when the clock is moved there, not before") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    admin.create_queue("mail");
    Producer(client, "mail").produce(Message{"later", {}, {}, {.delay = 48h}});
    Consumer consumer(client, "mail");

    const auto start = admin.show_clock();
    REQUIRE(start.is_virtual);
    CHECK(admin.advance_clock(48h - 1ms).now_ms == start.now_ms + 48 * 3'600'000 - 1);
    CHECK_FALSE(consumer.receive(100ms));
    admin.advance_clock(1ms);
    const auto message = consumer.receive(10s);
    REQUIRE(message);
    CHECK(message->payload() == "later");
    message->ack();
    consumer.flush();
    CHECK(admin.show_queue("mail").acked_total == 1);
}

TEST_CASE("retries go through their backoff of hours") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    QueueSettings settings;
    settings.max_attempts = 3;
    settings.backoff = Backoff{Backoff::Kind::exponential, 1h, 24h, 0, {}};
    admin.create_queue("mail", {.settings = settings});
    Producer(client, "mail").produce(Message{"flaky", {}, {}, {}});
    Consumer consumer(client, "mail");
    for (const auto pause : {1h, 2h}) {
        const auto message = consumer.receive(10s);
        REQUIRE(message);
        message->fail({.reason = "no route"});
        consumer.flush();
        admin.advance_clock(pause - 1ms);
        CHECK(admin.show_queue("mail").delayed == 1);
        admin.advance_clock(1ms);
    }
    const auto last = consumer.receive(10s);
    REQUIRE(last);
    CHECK(last->view().failures() == 2);
    last->fail({.reason = "no route"});
    consumer.flush();
    CHECK(admin.show_queue("mail").failed == 1);
}

TEST_CASE("a lease ends when the clock passes it, and a kill does not turn the clock back") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin admin(client);
    QueueSettings settings;
    settings.lease = 12h;
    admin.create_queue("mail", {.settings = settings});
    Producer(client, "mail").produce(Message{"held", {}, {}, {}});
    {
        Consumer holder(client, "mail");
        const auto held = holder.receive(10s);
        REQUIRE(held);
        admin.advance_clock(12h - 1ms);
        CHECK(admin.show_queue("mail").leased == 1);
        const auto ended = admin.advance_clock(1ms);
        const auto again = holder.receive(10s);
        REQUIRE(again);
        CHECK(again->view().deliveries() == 2);
        CHECK(again->view().cause() == Cause::lease_expired);
        again->ack();
        holder.flush();
        daemon.kill();
        daemon.start();
        CHECK(admin.show_clock().now_ms == ended.now_ms);
    }
}

TEST_CASE("a fetch waits in real time beside a virtual clock") {
    RunningDaemon daemon({"--virtual-clock"});
    Client client = daemon.connect();
    Admin(client).create_queue("mail");
    Consumer consumer(client, "mail", {.credit_messages = 0});
    const auto began = std::chrono::steady_clock::now();
    CHECK(consumer.fetch(1, 200ms).empty());
    CHECK(std::chrono::steady_clock::now() - began >= 200ms);
}

TEST_CASE("a real clock is not moved, and a directory never meets the other kind of clock") {
    RunningDaemon daemon;
    Client client = daemon.connect();
    Admin admin(client);
    CHECK_FALSE(admin.show_clock().is_virtual);
    try {
        admin.advance_clock(1h);
        FAIL("a real clock was moved");
    } catch (const Exception& refused) {
        CHECK(refused.code() == ErrorCode::clock_not_virtual);
    }
    daemon.kill();
    auto arguments = test::usual_arguments(daemon.path("data"));
    arguments.push_back("--virtual-clock");
    const auto refused = test::DaemonProcess(arguments).wait_for_end();
    CHECK(refused.code == clock_mismatch);
    CHECK(refused.err.find("real time") != std::string::npos);

    auto made_virtual = test::usual_arguments(daemon.path("virtual"));
    auto plain = made_virtual;
    made_virtual.push_back("--virtual-clock");
    {
        test::DaemonProcess first(made_virtual);
        first.wait_until_ready();
        first.signal(SIGTERM);
        CHECK(first.wait_for_end().code == 0);
    }
    const auto other = test::DaemonProcess(plain).wait_for_end();
    CHECK(other.code == clock_mismatch);
    CHECK(other.err.find("--virtual-clock") != std::string::npos);
}
