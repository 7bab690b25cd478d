#include "server/core/rate_limit.hpp"

#include "server/core/limits.hpp"

#include <catch2/catch.hpp>

using namespace baton::core;

namespace {
constexpr TimeMs start = 1'700'000'000'000;
}

TEST_CASE("a bucket that was never used is full") {
    const RateLimit limit{10, 1'000, 25};
    REQUIRE(TokenBucket{}.available(limit, start) == 25);
    REQUIRE(TokenBucket{}.available(RateLimit{10, 1'000, 0}, start) == 10);
    REQUIRE(TokenBucket{}.next_permit(limit, start) == start);
}

TEST_CASE("the next permit comes at an exact time, and not a millisecond before") {
    // Seven permits in a second: one each 142.857 ms.
    const RateLimit limit{7, 1'000, 1};
    TokenBucket bucket;
    TimeMs now = start;
    for (int i = 1; i <= 700; ++i) {
        bucket.take(limit, 1, now);
        const TimeMs next = bucket.next_permit(limit, now);
        REQUIRE(bucket.available(limit, next - 1) == 0);
        REQUIRE(bucket.available(limit, next) == 1);
        now = next;
    }
    // With a burst of 1 what is earned between a permit and its use is lost, less than a millisecond each time.
    REQUIRE(now - start >= 100'000);
    REQUIRE(now - start <= 100'700);
}

TEST_CASE("fractions of a permit are kept: over time the rate is exact") {
    const RateLimit limit{7, 1'000, 7};
    TokenBucket bucket;
    std::uint64_t taken = 0;
    for (TimeMs now = start; now <= start + 100'000; ++now) {
        const std::uint64_t there = bucket.available(limit, now);
        bucket.take(limit, there, now);
        taken += there;
    }
    REQUIRE(taken == 7 + 700);
}

TEST_CASE("no more is saved up than the burst, however long nothing is taken") {
    const RateLimit limit{3, 10, 5};
    TokenBucket bucket;
    bucket.take(limit, 5, start);
    REQUIRE(bucket.available(limit, start + limits::ten_years_ms * 100) == 5);
}

TEST_CASE("the largest limits stay within 64 bits") {
    const RateLimit limit{limits::rate_permits_max, limits::rate_per_ms_max, limits::rate_permits_max};
    TokenBucket bucket;
    REQUIRE(bucket.available(limit, start) == limits::rate_permits_max);
    bucket.take(limit, limits::rate_permits_max, start);
    REQUIRE(bucket.available(limit, start) == 0);
    REQUIRE(bucket.available(limit, start + limits::rate_per_ms_max / 2) == limits::rate_permits_max / 2);
    REQUIRE(bucket.available(limit, start + limits::rate_per_ms_max) == limits::rate_permits_max);
    REQUIRE(bucket.available(limit, limits::time_ms_max) == limits::rate_permits_max);
}

TEST_CASE("a change keeps whole permits up to the new burst") {
    const RateLimit before{10, 1'000, 10};
    TokenBucket bucket;
    bucket.take(before, 4, start);
    bucket.change(before, RateLimit{1, 60'000, 3}, start);
    REQUIRE(bucket.available(RateLimit{1, 60'000, 3}, start) == 3);
    bucket.change(RateLimit{1, 60'000, 3}, RateLimit{}, start);
    REQUIRE(bucket == TokenBucket{});
}
