// What a kill -9 leaves of leases and of timers; on a virtual clock, so that none of them depends on how long a restart
// takes.
#include "tests/integration/daemon/daemon_process.hpp"
#include "tests/integration/daemon/wire_requests.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <memory>

namespace baton::test {

namespace {

using namespace std::chrono_literals;

/// A daemon that can be killed and started again on its directory.
class Restartable {
public:
    Restartable() { start(); }
    void kill_and_start() {
        daemon_->signal(SIGKILL);
        CHECK(daemon_->wait_for_end().code == 128 + SIGKILL);
        start();
    }
    const std::string& address() const { return daemon_->address(); }

private:
    void start() {
        daemon_ = std::make_unique<DaemonProcess>(virtual_clock_arguments(directory_.path("data")));
        daemon_->wait_until_ready();
    }

    TestDirectory directory_;
    std::unique_ptr<DaemonProcess> daemon_;
};

v1::QueueSettings with_lease(std::chrono::milliseconds lease) {
    v1::QueueSettings settings;
    settings.set_lease_ms(static_cast<std::uint32_t>(lease.count()));
    return settings;
}

}  // namespace

TEST_CASE("leases outlive kill -9: their holder acks what it held, and nobody else gets it") {
    // A lease that was held for a while has a record on disk; one that was just given is known by the horizon alone.
    const auto held_for = GENERATE(0ms, 600ms);
    CAPTURE(held_for.count());
    Restartable daemon;
    v1::Welcome session;
    v1::Delivery held;
    {
        WireClient client(daemon.address());
        session = client.hello();
        create_queue(client, "q", with_lease(60s));
        REQUIRE(produce(client, "q", 8).has_produced());
        open_consumer(client, "q", 0);
        held = fetch(client, 5);
        REQUIRE(messages_in(held) == 5);
        if (held_for != 0ms) {
            advance_clock(client, held_for);
        }
        daemon.kill_and_start();
    }
    WireClient other(daemon.address());
    other.hello();
    open_consumer(other, "q", 0);
    const v1::Delivery rest = fetch(other, 100);
    CHECK(messages_in(rest) == 3);
    CHECK(payloads_in(rest).front().starts_with("5:"));
    CHECK(messages_in(fetch(other, 100)) == 0);

    WireClient client(daemon.address());
    const v1::Welcome again = client.hello(session.session_id(), session.session_secret());
    CHECK(again.epoch() > session.epoch());
    if (again.resumed()) {
        v1::ClientFrame open;
        open.mutable_open_consumer()->set_consumer_id(1);
        open.mutable_open_consumer()->set_queue("q");
        open.mutable_open_consumer()->set_redeclared(true);
        open.mutable_open_consumer()->add_held_batches(held.token().batch());
        REQUIRE(client.ask(open).has_done());
    }
    CHECK(messages_in(fetch(other, 100)) == 0);
    const v1::Settled settled = settle(client, ack_all(held));
    INFO(settled.ShortDebugString());
    CHECK(settled.refusals_size() == 0);
    CHECK(settle(other, ack_all(rest)).refusals_size() == 0);

    daemon.kill_and_start();
    WireClient last(daemon.address());
    last.hello();
    const v1::QueueInfo info = show_queue(last, "q");
    CHECK(info.acked_total() == 8);
    CHECK(info.waiting() + info.leased() + info.delayed() == 0);
}

TEST_CASE("a held message whose holder does not come back is delivered again, with the cause") {
    Restartable daemon;
    {
        WireClient client(daemon.address());
        client.hello();
        create_queue(client, "q", with_lease(1s));
        REQUIRE(produce(client, "q", 1).has_produced());
        open_consumer(client, "q", 0);
        REQUIRE(messages_in(fetch(client, 1)) == 1);
        daemon.kill_and_start();
    }
    WireClient other(daemon.address());
    other.hello();
    advance_clock(other, 1s);
    open_consumer(other, "q", 0);
    const v1::Delivery again = fetch(other, 1, 1, 15'000);
    REQUIRE(messages_in(again) == 1);
    REQUIRE(again.details_size() == 1);
    CHECK(again.details(0).deliveries() == 2);
    CHECK(again.details(0).cause() == v1::CAUSE_RESTART);
    // Nobody said that work on it had begun.
    CHECK(again.details(0).lease_losses() == 0);
}

TEST_CASE("a delayed message is not early after kill -9, and not late either") {
    constexpr auto delay = 2s;
    Restartable daemon;
    {
        WireClient client(daemon.address());
        client.hello();
        create_queue(client, "q");
        v1::ClientFrame frame = produce_frame("q", {"later"});
        frame.mutable_produce()->mutable_defaults()->set_delay_ms(
            static_cast<std::uint64_t>(std::chrono::milliseconds(delay).count()));
        REQUIRE(client.ask(frame).has_produced());
        daemon.kill_and_start();
    }
    WireClient client(daemon.address());
    client.hello();
    advance_clock(client, delay - 1ms);
    CHECK(show_queue(client, "q").delayed() == 1);
    advance_clock(client, 1ms);
    open_consumer(client, "q", 0);
    CHECK(messages_in(fetch(client, 1)) == 1);
}

}  // namespace baton::test
