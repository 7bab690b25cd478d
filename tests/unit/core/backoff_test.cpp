#include "server/core/state.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <set>

using namespace baton::core;

namespace {

constexpr QueueId some_queue{3};

DurationMs delay(const Backoff& backoff, std::uint32_t failures, Offset offset = 1) {
    return backoff_delay(backoff, some_queue, offset, failures);
}

}  // namespace

TEST_CASE("no number of failures overflows a backoff; the cap holds") {
    for (const auto kind : {Backoff::Kind::fixed, Backoff::Kind::linear, Backoff::Kind::exponential}) {
        const Backoff backoff{kind, limits::ten_years_ms, limits::ten_years_ms, 0, {}};
        for (const std::uint32_t failures : {1U, 2U, 63U, 64U, 65'535U, std::numeric_limits<std::uint32_t>::max()}) {
            CAPTURE(static_cast<int>(kind), failures);
            CHECK(delay(backoff, failures) == limits::ten_years_ms);
        }
    }
}

TEST_CASE("a delay of nothing stays nothing") {
    CHECK(delay({Backoff::Kind::fixed, 0, 1'000, 500, {}}, 9) == 0);
    CHECK(delay({Backoff::Kind::exponential, 0, 1'000, 0, {}}, 9) == 0);
    CHECK(delay({Backoff::Kind::linear, 0, 1'000, 0, {}}, 9) == 0);
}

TEST_CASE("jitter is the same for the same failure, and spreads different messages") {
    const Backoff backoff{Backoff::Kind::fixed, 10'000, 60'000, 500, {}};
    std::set<DurationMs> drawn;
    for (Offset offset = 0; offset < 200; ++offset) {
        const DurationMs one = delay(backoff, 1, offset);
        CHECK(one == delay(backoff, 1, offset));
        CHECK(one >= 5'000);
        CHECK(one <= 10'000);
        drawn.insert(one);
    }
    CHECK(drawn.size() > 150);
}

TEST_CASE("full jitter goes down to nothing and never below") {
    const Backoff backoff{Backoff::Kind::fixed, 3, 60'000, 1'000, {}};
    std::set<DurationMs> drawn;
    for (Offset offset = 0; offset < 200; ++offset) {
        drawn.insert(delay(backoff, 1, offset));
    }
    CHECK(drawn == std::set<DurationMs>{0, 1, 2, 3});
}
