#include "server/engine/group_linger.hpp"

#include <catch2/catch.hpp>

namespace baton::engine::test {

namespace {

core::Request produce_from(std::uint64_t connection) {
    core::Request request;
    request.connection = core::ConnectionId{connection};
    request.body = core::Produce{};
    return request;
}

void round_of(GroupLinger& linger, std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t connection = first; connection <= last; ++connection) {
        linger.entered(produce_from(connection), 100);
    }
}

}  // namespace

TEST_CASE("a single producer is never waited for") {
    GroupLinger linger;
    for (int i = 0; i < 5; ++i) {
        round_of(linger, 1, 1);
        CHECK_FALSE(linger.worth_waiting());
        linger.sealed(false);
    }
}

TEST_CASE("producers that alternate between rounds are brought together") {
    GroupLinger linger;
    round_of(linger, 1, 4);
    linger.sealed(false);
    round_of(linger, 5, 8);
    linger.sealed(false);
    round_of(linger, 1, 4);
    CHECK(linger.worth_waiting());
    round_of(linger, 5, 7);
    CHECK(linger.worth_waiting());
    round_of(linger, 8, 8);
    CHECK_FALSE(linger.worth_waiting());
}

TEST_CASE("a producer that has stopped is forgotten after two rounds") {
    GroupLinger linger;
    round_of(linger, 1, 2);
    linger.sealed(false);
    round_of(linger, 1, 1);
    CHECK(linger.worth_waiting());
    linger.sealed(false);
    round_of(linger, 1, 1);
    linger.sealed(false);
    round_of(linger, 1, 1);
    CHECK_FALSE(linger.worth_waiting());
}

TEST_CASE("rounds in which nobody produced change nothing") {
    GroupLinger linger;
    round_of(linger, 1, 2);
    linger.sealed(false);
    for (int i = 0; i < 10; ++i) {
        CHECK_FALSE(linger.worth_waiting());
        linger.sealed(false);
    }
    round_of(linger, 1, 1);
    CHECK(linger.worth_waiting());
}

TEST_CASE("producers that do not come are waited for less and less") {
    GroupLinger linger;
    round_of(linger, 1, 8);
    linger.sealed(false);
    int waits = 0;
    for (std::uint64_t round = 0; round < 100; ++round) {
        // Never more than four of the eight, and each of them in every other round.
        const std::uint64_t first = round % 2 == 0 ? 1 : 5;
        round_of(linger, first, first + 3);
        const bool held = linger.worth_waiting();
        CHECK(linger.missing() == 4);
        waits += held ? 1 : 0;
        linger.sealed(held);
    }
    CHECK(waits >= 3);
    CHECK(waits <= 7);
}

TEST_CASE("a wait that brought everybody together is worth the next one") {
    GroupLinger linger;
    round_of(linger, 1, 4);
    linger.sealed(false);
    round_of(linger, 1, 2);
    REQUIRE(linger.worth_waiting());
    linger.sealed(true);
    round_of(linger, 1, 4);
    linger.sealed(false);
    for (int round = 0; round < 10; ++round) {
        round_of(linger, 1, 2);
        CHECK(linger.worth_waiting());
        round_of(linger, 3, 4);
        linger.sealed(true);
    }
}

TEST_CASE("a commit is held no longer than the last one took, within bounds") {
    using std::chrono::microseconds;
    CHECK(GroupLinger::wait(microseconds(300)) == microseconds(300));
    CHECK(GroupLinger::wait(microseconds(3)) == microseconds(50));
    CHECK(GroupLinger::wait(microseconds(30'000)) == microseconds(500));
}

TEST_CASE("a producer with more than one batch under way ends the waiting") {
    GroupLinger linger;
    round_of(linger, 1, 2);
    linger.sealed(false);
    round_of(linger, 1, 1);
    CHECK(linger.worth_waiting());
    round_of(linger, 1, 1);
    CHECK_FALSE(linger.worth_waiting());
}

TEST_CASE("a large batch is not held") {
    GroupLinger linger;
    round_of(linger, 1, 2);
    linger.sealed(false);
    linger.entered(produce_from(1), 100'000);
    CHECK_FALSE(linger.worth_waiting());
}

}  // namespace baton::engine::test
