#include "server/engine/inbox.hpp"

#include <catch2/catch.hpp>

#include <thread>

namespace baton::engine::test {

namespace {

const auto at_once = std::chrono::steady_clock::time_point{};
const auto in_a_while = std::chrono::seconds(20);

core::Request request_of(std::uint64_t id) {
    core::Request request;
    request.id = core::RequestId{id};
    return request;
}

}  // namespace

TEST_CASE("requests come out in the order in which they went in") {
    Inbox inbox(1000);
    for (std::uint64_t id = 1; id <= 5; ++id) {
        CHECK(inbox.put(request_of(id), 1, {}));
    }
    inbox.put(core::ReadAnswer{7, {}});
    Inbox::Batch batch;
    inbox.take(batch, at_once);
    REQUIRE(batch.requests.size() == 5);
    for (std::uint64_t id = 1; id <= 5; ++id) {
        CHECK(batch.requests[id - 1].request.id == core::RequestId{id});
    }
    CHECK(batch.answers.at(0).ticket == 7);
    CHECK_FALSE(inbox.has_news());
}

TEST_CASE("above the bound the sender is told to wait, and told once when there is room") {
    Inbox inbox(1000);
    int resumed = 0;
    const auto resume = [&resumed] { ++resumed; };
    CHECK(inbox.put(request_of(1), 1000, resume));
    CHECK_FALSE(inbox.put(request_of(2), 1, resume));
    CHECK(inbox.bytes() == 1001);
    inbox.applied(500);
    CHECK(resumed == 0);
    inbox.applied(1);
    CHECK(resumed == 1);
    inbox.applied(500);
    CHECK(resumed == 1);
    CHECK(inbox.bytes() == 0);
}

TEST_CASE("a flush wakes the thread that waits, with all that was put") {
    Inbox inbox(1000);
    std::thread sender([&inbox] {
        inbox.put(request_of(3), 1, {});
        inbox.put(request_of(4), 1, {});
        inbox.flush();
    });
    Inbox::Batch batch;
    inbox.take(batch, std::chrono::steady_clock::now() + in_a_while, 2);
    sender.join();
    CHECK(batch.requests.size() == 2);
}

TEST_CASE("who waits for several requests is not woken by fewer, but by any other news") {
    Inbox inbox(1000);
    inbox.put(request_of(1), 1, {});
    inbox.flush();
    Inbox::Batch batch;
    inbox.take(batch, at_once, 2);
    CHECK(batch.requests.size() == 1);
    batch.clear();
    inbox.put(core::ReadAnswer{7, {}});
    inbox.take(batch, std::chrono::steady_clock::now() + in_a_while, 2);
    CHECK(batch.answers.size() == 1);
}

TEST_CASE("a wake ends the waiting without a message") {
    Inbox inbox(1000);
    inbox.wake();
    Inbox::Batch batch;
    inbox.take(batch, std::chrono::steady_clock::now() + in_a_while);
    CHECK(batch.empty());
}

}  // namespace baton::engine::test
