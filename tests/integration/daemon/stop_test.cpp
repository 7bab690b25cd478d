// A stop by SIGTERM answers what it took, and takes what clients settle meanwhile.
#include "tests/integration/daemon/daemon_process.hpp"
#include "tests/integration/daemon/wire_requests.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <optional>
#include <string>
#include <vector>

namespace baton::test {

namespace {

/// Asks a daemon to examine the directory and stops it meanwhile: the answer to that.
v1::ServerFrame examined_until_stopped(const TestDirectory& directory) {
    constexpr std::uint64_t first = 1'000'001, second = 1'000'002;
    DaemonProcess daemon(usual_arguments(directory.path("data")));
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    client.hello();
    v1::ClientFrame doctor;
    doctor.mutable_doctor();
    std::string both;
    for (const std::uint64_t id : {first, second}) {
        doctor.set_request_id(id);
        both += bytes_of(doctor);
    }
    client.send_bytes(both);
    v1::ServerFrame frame;
    REQUIRE(client.next(frame));
    if (frame.request_id() == second) {
        REQUIRE(frame.error().code() == v1::DOCTOR_BUSY);  // The first one runs.
    }
    daemon.signal(SIGTERM);
    std::optional<v1::ServerFrame> answer;
    do {
        if (frame.request_id() == first) {
            answer = frame;
        }
    } while (client.next(frame));
    REQUIRE(answer);
    const Ending ending = daemon.wait_for_end();
    INFO(ending.err);
    REQUIRE(ending.code == 0);
    return *answer;
}

}  // namespace

TEST_CASE("a stop answers every produce that it stored") {
    const TestDirectory directory;
    std::uint64_t confirmed = 0;
    {
        DaemonProcess daemon(usual_arguments(directory.path("data")));
        daemon.wait_until_ready();
        WireClient client(daemon.address());
        client.hello();
        create_queue(client, "q");
        constexpr std::uint64_t requests = 400;
        for (std::uint64_t i = 0; i < requests; ++i) {
            v1::ClientFrame frame = produce_frame("q", {std::string(2'000, 'x')});
            frame.set_request_id(1'000 + i);
            client.send(frame);
        }
        daemon.signal(SIGTERM);
        for (v1::ServerFrame frame; client.next(frame);) {
            confirmed += frame.has_produced() ? 1 : 0;
        }
        const Ending ending = daemon.wait_for_end();
        INFO(ending.err);
        CHECK(ending.code == 0);
    }
    DaemonProcess daemon(usual_arguments(directory.path("data")));
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    client.hello();
    CHECK(show_queue(client, "q").produced_total() == confirmed);
}

TEST_CASE("an examination that is running when the daemon stops is answered") {
    const TestDirectory directory;
    {
        DaemonProcess daemon(usual_arguments(directory.path("data")));
        daemon.wait_until_ready();
        WireClient client(daemon.address());
        client.hello();
        create_queue(client, "q");
        // Prioritized messages have a record each: enough of them keep an examination busy for a while.
        for (int i = 0; i < 100; ++i) {
            v1::ClientFrame frame = produce_frame("q", std::vector<std::string>(1'000, "x"));
            frame.mutable_produce()->mutable_defaults()->set_priority(1);
            REQUIRE(client.ask(frame).has_produced());
        }
        daemon.signal(SIGTERM);
        REQUIRE(daemon.wait_for_end().code == 0);
    }
    bool stopped = false;
    for (int i = 0; i < 20 && !stopped; ++i) {
        const v1::ServerFrame answer = examined_until_stopped(directory);
        stopped = answer.error().code() == v1::SHUTTING_DOWN;
        // On a busy machine the stop may come when it is over.
        REQUIRE((stopped || answer.has_diagnosis()));
    }
    CHECK(stopped);
}

TEST_CASE("what is held can be settled while the daemon stops, and what is not is kept") {
    const TestDirectory directory;
    v1::Delivery kept;
    {
        // The drain is long enough for a settle on any machine.
        DaemonProcess daemon(virtual_clock_arguments(directory.path("data")), {"BATON_DRAIN_TIME=5s"});
        daemon.wait_until_ready();
        WireClient client(daemon.address());
        client.hello();
        create_queue(client, "q");
        REQUIRE(produce(client, "q", 10).has_produced());
        open_consumer(client, "q", 0);
        const v1::Delivery settled = fetch(client, 4);
        kept = fetch(client, 3);
        daemon.signal(SIGTERM);
        v1::ServerFrame frame;
        REQUIRE(client.next(frame));
        REQUIRE(frame.notice().kind() == v1::Notice::DRAINING);
        CHECK(settle(client, ack_all(settled)).refusals_size() == 0);
        CHECK_FALSE(client.next(frame));
        CHECK(daemon.wait_for_end().code == 0);
    }
    // Time stands still: the leases do not end, however long a restart takes.
    DaemonProcess daemon(virtual_clock_arguments(directory.path("data")));
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    client.hello();
    const v1::QueueInfo info = show_queue(client, "q");
    CHECK(info.acked_total() == 4);
    CHECK(info.leased() == 3);
    CHECK(info.waiting() == 3);
    CHECK(settle(client, ack_all(kept)).refusals_size() == 0);
    CHECK(show_queue(client, "q").acked_total() == 7);
}

}  // namespace baton::test
