// A client that asks and never reads costs a bounded amount of memory, and others go on.
#include "tests/integration/daemon/daemon_process.hpp"
#include "tests/integration/daemon/wire_requests.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

namespace baton::test {

namespace {

constexpr std::uint64_t mebibyte = 1 << 20;

std::uint64_t rss_bytes(WireClient& client) {
    v1::ClientFrame frame;
    frame.mutable_server_status();
    return client.ask(frame).server_status().rss_bytes();
}

/// Asks for pages of the queue without ever reading an answer, until the server takes no more.
void ask_and_not_read(WireClient& client, const std::string& queue, int requests) {
    for (int i = 0; i < requests; ++i) {
        v1::ClientFrame frame;
        frame.set_request_id(static_cast<std::uint64_t>(1'000 + i));
        frame.mutable_peek()->set_queue(queue);
        frame.mutable_peek()->set_limit(1'000);
        client.send(frame);
    }
}

}  // namespace

TEST_CASE("connections that never read are bounded, and others are served as before") {
    const TestDirectory directory;
    DaemonProcess daemon(usual_arguments(directory.path("data")));
    daemon.wait_until_ready();
    WireClient good(daemon.address());
    good.hello();
    create_queue(good, "large");
    create_queue(good, "small");
    for (int i = 0; i < 16; ++i) {
        REQUIRE(produce(good, "large", 10, 100'000).has_produced());
    }
    const std::uint64_t before = rss_bytes(good);

    // Each asks for 16 MB a hundred times, and is owed a credit of 8 MiB on top.
    std::vector<std::unique_ptr<WireClient>> silent;
    for (int i = 0; i < 4; ++i) {
        silent.push_back(std::make_unique<WireClient>(daemon.address()));
        silent.back()->hello();
        v1::ClientFrame open;
        open.mutable_open_consumer()->set_consumer_id(1);
        open.mutable_open_consumer()->set_queue("large");
        open.mutable_open_consumer()->set_credit_messages(65'536);
        silent.back()->send(open);
        ask_and_not_read(*silent.back(), "large", 100);
    }

    open_consumer(good, "small", 0);
    std::chrono::steady_clock::duration slowest{};
    std::uint64_t most = before;
    for (int i = 0; i < 100; ++i) {
        const auto began = std::chrono::steady_clock::now();
        REQUIRE(produce(good, "small", 1).has_produced());
        const v1::Delivery delivery = fetch(good, 1, 1, 5'000);
        REQUIRE(messages_in(delivery) == 1);
        REQUIRE(settle(good, ack_all(delivery)).refusals_size() == 0);
        slowest = std::max(slowest, std::chrono::steady_clock::now() - began);
        most = std::max(most, rss_bytes(good));
    }
    // A server that waited for one of them would answer when that has been stuck for 30 s and is closed.
    CHECK(slowest < std::chrono::seconds(20));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    // 32 MiB may wait for each of the four; unbounded, it would be 6 GB.
    CHECK(most < before + 4 * 32 * mebibyte + 32 * mebibyte);
#endif
    CHECK(most > 0);
}

}  // namespace baton::test
