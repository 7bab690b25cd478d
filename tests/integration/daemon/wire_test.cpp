#include "tests/integration/daemon/daemon_process.hpp"
#include "tests/integration/daemon/wire_requests.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <string>

namespace baton::test {

TEST_CASE("messages are produced, delivered once in order, and acked") {
    const TestDirectory directory;
    DaemonProcess daemon(usual_arguments(directory.path("data")));
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    client.hello();
    create_queue(client, "q");
    const v1::ServerFrame produced = produce(client, "q", 1000);
    INFO(produced.ShortDebugString());
    REQUIRE(produced.has_produced());
    CHECK(produced.produced().count() == 1000);
    CHECK(produced.produced().durability() == v1::SYNC);

    open_consumer(client, "q", 300);
    int received = 0;
    while (received < 1000) {
        v1::ServerFrame frame;
        REQUIRE(client.next(frame));
        if (!frame.has_delivery()) {
            continue;
        }
        for (const v1::Run& run : frame.delivery().runs()) {
            for (int i = 0; i < run.entries_size(); ++i) {
                REQUIRE(run.entries(i).payload().starts_with(std::to_string(received) + ":"));
                ++received;
            }
        }
        client.send(ack_all(frame.delivery()));
    }
    const v1::QueueInfo info = show_queue(client, "q");
    CHECK(info.waiting() == 0);
    CHECK(info.produced_total() == 1000);
    CHECK(info.acked_total() == 1000);
}

TEST_CASE("a settle with a fetch is answered twice") {
    const TestDirectory directory;
    DaemonProcess daemon(usual_arguments(directory.path("data")));
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    client.hello();
    create_queue(client, "q");
    produce(client, "q", 2);
    open_consumer(client, "q", 0);
    v1::ClientFrame fetch;
    fetch.mutable_fetch()->set_consumer_id(1);
    fetch.mutable_fetch()->set_max_messages(1);
    v1::ServerFrame first = client.ask(fetch);
    REQUIRE(messages_in(first.delivery()) == 1);

    v1::ClientFrame next = ack_all(first.delivery());
    *next.mutable_settle()->mutable_fetch() = fetch.fetch();
    const v1::ServerFrame settled = client.ask(next);
    REQUIRE(settled.has_settled());
    CHECK(settled.settled().refusals_size() == 0);
    v1::ServerFrame second;
    REQUIRE(client.next(second));
    CHECK(second.request_id() == settled.request_id());
    REQUIRE(second.has_delivery());
    CHECK(second.delivery().runs(0).entries(0).payload().starts_with("1:"));
}

TEST_CASE("a waiting fetch is answered empty when its time is over") {
    const TestDirectory directory;
    DaemonProcess daemon(usual_arguments(directory.path("data")));
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    client.hello();
    create_queue(client, "q");
    open_consumer(client, "q", 0);
    v1::ClientFrame fetch;
    fetch.mutable_fetch()->set_consumer_id(1);
    fetch.mutable_fetch()->set_max_messages(1);
    fetch.mutable_fetch()->set_wait_ms(50);
    const v1::ServerFrame answer = client.ask(fetch);
    REQUIRE(answer.has_delivery());
    CHECK(messages_in(answer.delivery()) == 0);
}

TEST_CASE("what was confirmed is there after kill -9, and acked messages are not") {
    const TestDirectory directory;
    {
        DaemonProcess daemon(usual_arguments(directory.path("data")));
        daemon.wait_until_ready();
        WireClient client(daemon.address());
        client.hello();
        create_queue(client, "q");
        REQUIRE(produce(client, "q", 10).has_produced());
        open_consumer(client, "q", 4);
        v1::ServerFrame frame;
        int acked = 0;
        while (acked < 4) {
            REQUIRE(client.next(frame));
            if (frame.has_delivery()) {
                acked += messages_in(frame.delivery());
                REQUIRE(client.ask(ack_all(frame.delivery())).has_settled());
            }
        }
        daemon.signal(SIGKILL);
        CHECK(daemon.wait_for_end().code == 128 + SIGKILL);
    }
    DaemonProcess daemon(usual_arguments(directory.path("data")));
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    client.hello();
    const v1::QueueInfo info = show_queue(client, "q");
    CHECK(info.produced_total() == 10);
    CHECK(info.acked_total() >= 4);
    CHECK(info.acked_total() + info.waiting() + info.leased() == 10);
}

TEST_CASE("a kill point kills behind the sync and before the answer, and nothing is lost") {
    const TestDirectory directory;
    {
        // The first synced commit makes the queue; the second stores the message.
        DaemonProcess daemon(usual_arguments(directory.path("data")), {"BATON_KILLPOINT=after_wal_sync:2"});
        daemon.wait_until_ready();
        WireClient client(daemon.address());
        client.hello();
        create_queue(client, "q");
        v1::ClientFrame frame;
        frame.set_request_id(99);
        frame.mutable_produce()->set_queue("q");
        frame.mutable_produce()->add_entries()->set_payload("unanswered");
        client.send(frame);
        v1::ServerFrame answer;
        CHECK_FALSE(client.next(answer));
        CHECK(daemon.wait_for_end().code == 128 + SIGKILL);
    }
    DaemonProcess daemon(usual_arguments(directory.path("data")));
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    client.hello();
    CHECK(show_queue(client, "q").produced_total() == 1);
}

TEST_CASE("a backup is made while running, and a daemon starts from it") {
    const TestDirectory directory;
    DaemonProcess daemon(usual_arguments(directory.path("data")));
    daemon.wait_until_ready();
    WireClient client(daemon.address());
    client.hello();
    create_queue(client, "q");
    REQUIRE(produce(client, "q", 5).has_produced());
    v1::ClientFrame backup;
    backup.mutable_backup()->set_directory(directory.path("copy"));
    const v1::ServerFrame made = client.ask(backup);
    INFO(made.ShortDebugString());
    REQUIRE(made.has_backup());
    CHECK_FALSE(made.backup().digest().empty());
    CHECK(made.backup().bytes() > 0);
    const v1::ServerFrame again = client.ask(backup);
    CHECK(again.error().code() == v1::BACKUP_FAILED);

    DaemonProcess restored(usual_arguments(directory.path("copy")));
    restored.wait_until_ready();
    WireClient second(restored.address());
    second.hello();
    CHECK(show_queue(second, "q").waiting() == 5);
}

TEST_CASE("a bad frame ends its connection only") {
    const TestDirectory directory;
    DaemonProcess daemon(usual_arguments(directory.path("data")));
    daemon.wait_until_ready();
    WireClient good(daemon.address());
    good.hello();
    WireClient bad(daemon.address());
    bad.hello();
    bad.send_bytes(std::string("\x7f\xff\xff\xff", 4));
    v1::ServerFrame frame;
    REQUIRE(bad.next(frame));
    CHECK(frame.error().code() == v1::FRAME_TOO_LARGE);
    CHECK_FALSE(bad.next(frame));
    v1::ClientFrame ping;
    ping.mutable_ping();
    CHECK(good.ask(ping).has_pong());
}

}  // namespace baton::test
