#include "tests/integration/daemon/daemon_process.hpp"
#include "tests/integration/daemon/wire_client.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <string>

namespace baton::test {

namespace {

std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

Ending end_of(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {}) {
    return DaemonProcess(arguments, environment).wait_for_end();
}

std::string get(const std::string& address, const std::string& path) {
    WireClient client(address);
    client.send_bytes("GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    return client.read_to_end();
}

}  // namespace

TEST_CASE("it tells its address when ready, answers, and ends with 0 when asked to stop") {
    const int signal = GENERATE(SIGTERM, SIGINT);
    const TestDirectory directory;
    DaemonProcess daemon(usual_arguments(directory.path("data")));
    daemon.wait_until_ready();
    CHECK(daemon.address().starts_with("127.0.0.1:"));
    CHECK_FALSE(daemon.address().ends_with(":0"));
    CHECK(daemon.http_address().empty());

    WireClient client(daemon.address());
    const v1::Welcome welcome = client.hello();
    CHECK(welcome.epoch() >= 1);
    v1::ClientFrame ask;
    ask.mutable_server_status();
    const v1::ServerFrame status = client.ask(ask);
    CHECK(status.server_status().state() == "ready");
    CHECK(status.server_status().rss_bytes() > 0);
    CHECK(status.server_status().connections() == 1);
    CHECK(status.server_status().data_dir() == directory.path("data"));

    daemon.signal(signal);
    v1::ServerFrame frame;
    REQUIRE(client.next(frame));
    CHECK(frame.notice().kind() == v1::Notice::DRAINING);
    CHECK_FALSE(client.next(frame));
    const Ending ending = daemon.wait_for_end();
    INFO(ending.err);
    CHECK(ending.code == 0);
}

TEST_CASE("a second daemon finds the data directory locked") {
    const TestDirectory directory;
    DaemonProcess first(usual_arguments(directory.path("data")));
    first.wait_until_ready();
    const Ending second = end_of(usual_arguments(directory.path("data")));
    CHECK(second.code == 75);
    CHECK(second.out.empty());
    CHECK(second.err.find(directory.path("data")) != std::string::npos);
}

TEST_CASE("each start counts one epoch") {
    const TestDirectory directory;
    std::uint64_t previous = 0;
    for (int start = 0; start < 2; ++start) {
        DaemonProcess daemon(usual_arguments(directory.path("data")));
        daemon.wait_until_ready();
        const std::uint64_t epoch = WireClient(daemon.address()).hello().epoch();
        CHECK(epoch > previous);
        previous = epoch;
        daemon.signal(SIGTERM);
        CHECK(daemon.wait_for_end().code == 0);
    }
}

TEST_CASE("bad usage ends with 64 and names what is wrong") {
    const TestDirectory directory;
    CHECK(end_of({"--lisen", "x"}).code == 64);
    const Ending value = end_of({"--listen", "x"});
    CHECK(value.code == 64);
    CHECK(value.err.find("--listen") != std::string::npos);
    CHECK(end_of({"--config", directory.path("none.toml")}).code == 64);
    const Ending kill_point = end_of(usual_arguments(directory.path("data")), {"BATON_KILLPOINT=nowhere:1"});
    CHECK(kill_point.code == 64);
    CHECK(kill_point.err.find("nowhere") != std::string::npos);
    const Ending drain_time = end_of(usual_arguments(directory.path("data")), {"BATON_DRAIN_TIME=5"});
    CHECK(drain_time.code == 64);
    CHECK(drain_time.err.find("BATON_DRAIN_TIME") != std::string::npos);
}

TEST_CASE("the settings are printed with their sources") {
    const Ending printed = end_of({"--print-config", "--listen", "127.0.0.1:99"}, {"BATON_LOG_LEVEL=debug"});
    CHECK(printed.code == 0);
    CHECK(printed.out.find("127.0.0.1:99") != std::string::npos);
    CHECK(printed.out.find("# flag") != std::string::npos);
    CHECK(printed.out.find("# environment BATON_LOG_LEVEL") != std::string::npos);
    CHECK(printed.out.find("# default") != std::string::npos);
}

TEST_CASE("remote addresses need the flag, which warns") {
    const TestDirectory directory;
    const std::vector<std::string> remote{"--data-dir", directory.path("data"), "--listen", "0.0.0.0:0", "--reserve",
                                          "1MiB"};
    const Ending refused = end_of(remote);
    CHECK(refused.code == 64);
    CHECK(refused.err.find("--insecure-remote") != std::string::npos);

    DaemonProcess allowed(with(remote, {"--insecure-remote"}));
    allowed.wait_until_ready();
    allowed.signal(SIGTERM);
    const Ending ending = allowed.wait_for_end();
    CHECK(ending.code == 0);
    CHECK(ending.err.find("--insecure-remote") != std::string::npos);
}

TEST_CASE("an address in use ends with 69") {
    const TestDirectory directory;
    DaemonProcess first(usual_arguments(directory.path("a")));
    first.wait_until_ready();
    const Ending second = end_of({"--data-dir", directory.path("b"), "--listen", first.address(), "--reserve", "1MiB"});
    CHECK(second.code == 69);
    CHECK(second.err.find(first.address()) != std::string::npos);
}

TEST_CASE("a second signal ends it at once") {
    const TestDirectory directory;
    DaemonProcess daemon(usual_arguments(directory.path("data")), {"BATON_DRAIN_TIME=5s"});
    daemon.wait_until_ready();
    // The client keeps the first stop busy draining while the second signal comes.
    WireClient client(daemon.address());
    client.hello();
    daemon.signal(SIGTERM);
    v1::ServerFrame frame;
    REQUIRE(client.next(frame));
    daemon.signal(SIGTERM);
    CHECK(daemon.wait_for_end().code == 128 + SIGTERM);
}

TEST_CASE("health, readiness and metrics are served when asked for") {
    const TestDirectory directory;
    DaemonProcess daemon(with(usual_arguments(directory.path("data")), {"--http", "127.0.0.1:0"}));
    daemon.wait_until_ready();
    REQUIRE_FALSE(daemon.http_address().empty());
    CHECK(get(daemon.http_address(), "/healthz").starts_with("HTTP/1.1 200 "));
    CHECK(get(daemon.http_address(), "/readyz").ends_with("ready\n"));

    WireClient client(daemon.address());
    client.hello();
    v1::ClientFrame create;
    create.mutable_create_queue()->set_name("orders");
    REQUIRE(client.ask(create).has_queue_info());
    const std::string metrics = get(daemon.http_address(), "/metrics");
    CHECK(metrics.find("\nbaton_queue_waiting{queue=\"orders\"} 0\n") != std::string::npos);
    CHECK(metrics.find("\nbaton_connections 1\n") != std::string::npos);
    CHECK(metrics.find("\nbaton_ready 1\n") != std::string::npos);
}

TEST_CASE("the log can be JSON") {
    const TestDirectory directory;
    DaemonProcess daemon(with(usual_arguments(directory.path("data")), {"--log-format", "json"}));
    daemon.wait_until_ready();
    daemon.signal(SIGTERM);
    const Ending ending = daemon.wait_for_end();
    CHECK(ending.err.find("{\"time\":\"") == 0);
    CHECK(ending.err.find("\"level\":\"info\"") != std::string::npos);
}

}  // namespace baton::test
