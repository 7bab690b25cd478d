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
        linger.sealed();
    }
}

TEST_CASE("producers that alternate between rounds are brought together") {
    GroupLinger linger;
    round_of(linger, 1, 4);
    linger.sealed();
    round_of(linger, 5, 8);
    linger.sealed();
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
    linger.sealed();
    round_of(linger, 1, 1);
    CHECK(linger.worth_waiting());
    linger.sealed();
    round_of(linger, 1, 1);
    linger.sealed();
    round_of(linger, 1, 1);
    CHECK_FALSE(linger.worth_waiting());
}

TEST_CASE("rounds in which nobody produced change nothing") {
    GroupLinger linger;
    round_of(linger, 1, 2);
    linger.sealed();
    for (int i = 0; i < 10; ++i) {
        CHECK_FALSE(linger.worth_waiting());
        linger.sealed();
    }
    round_of(linger, 1, 1);
    CHECK(linger.worth_waiting());
}

TEST_CASE("a producer with more than one batch under way ends the waiting") {
    GroupLinger linger;
    round_of(linger, 1, 2);
    linger.sealed();
    round_of(linger, 1, 1);
    CHECK(linger.worth_waiting());
    round_of(linger, 1, 1);
    CHECK_FALSE(linger.worth_waiting());
}

TEST_CASE("a large batch is not held") {
    GroupLinger linger;
    round_of(linger, 1, 2);
    linger.sealed();
    linger.entered(produce_from(1), 100'000);
    CHECK_FALSE(linger.worth_waiting());
}

}  // namespace baton::engine::test
