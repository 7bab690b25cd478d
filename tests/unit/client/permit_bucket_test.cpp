#include "client/permit_bucket.hpp"

#include "baton/error.hpp"
#include "client/job_gate.hpp"

#include <catch2/catch.hpp>

#include <future>

using namespace baton;
using namespace baton::detail;
using namespace std::chrono_literals;

namespace {

const TimePoint first_moment{std::chrono::hours{1'000}};

}  // namespace

TEST_CASE("the next permit of a bucket comes exactly when it is due") {
    PermitBucket bucket({.permits = 3, .per = 1s, .burst = 2}, first_moment);
    CHECK(bucket.available(first_moment) == 2);
    CHECK(bucket.next(first_moment) == TimePoint::max());
    CHECK(bucket.take(first_moment));
    CHECK(bucket.take(first_moment));
    CHECK_FALSE(bucket.take(first_moment));
    const TimePoint next = bucket.next(first_moment);
    CHECK(next == first_moment + 333'334us);  // A third of a second, in whole microseconds, and not earlier.
    CHECK_FALSE(bucket.take(next - 1us));
    CHECK(bucket.take(next));
    CHECK_FALSE(bucket.take(next));
}

TEST_CASE("the parts of a permit that a bucket has are not lost when one is taken") {
    PermitBucket bucket({.permits = 3, .per = 1s, .burst = 1}, first_moment);
    TimePoint now = first_moment;
    for (int i = 0; i < 300; ++i) {
        REQUIRE(bucket.take(now));
        now = bucket.next(now);
    }
    CHECK(now <= first_moment + 100s + 300us);
    CHECK(now >= first_moment + 100s);
}

TEST_CASE("a bucket saves up no more than its burst, however long nobody comes") {
    PermitBucket bucket({.permits = 1'000'000, .per = std::chrono::hours{31 * 24}, .burst = 1'000'000}, first_moment);
    for (int i = 0; i < 10; ++i) {
        REQUIRE(bucket.take(first_moment));
    }
    CHECK(bucket.available(first_moment) == 999'990);
    CHECK(bucket.available(first_moment + std::chrono::hours{24 * 365'000}) == 1'000'000);
    PermitBucket burst_of_permits({.permits = 7, .per = 1s}, first_moment);
    CHECK(burst_of_permits.available(first_moment + 1h) == 7);
}

TEST_CASE("no limit is always a permit") {
    PermitBucket bucket({}, first_moment);
    CHECK(bucket.take(first_moment));
    CHECK(bucket.available(first_moment) > 1'000'000);
    CHECK(bucket.next(first_moment) == TimePoint::max());
}

TEST_CASE("a rate limit out of bounds is refused with its field") {
    const auto refused = [](const RateLimit& limit) {
        try {
            PermitBucket bucket(limit, first_moment);
        } catch (const Exception& error) {
            CHECK(error.code() == ErrorCode::invalid_argument);
            return error.error().field;
        }
        return std::string("none");
    };
    CHECK(refused({.permits = 1'000'001, .per = 1s}) == "rate_limit.permits");
    CHECK(refused({.permits = 1, .per = 0s}) == "rate_limit.per");
    CHECK(refused({.permits = 1, .per = std::chrono::hours{31 * 24} + 1ms}) == "rate_limit.per");
    CHECK(refused({.permits = 1, .per = 1s, .burst = 1'000'001}) == "rate_limit.burst");
    CHECK(refused({.permits = 1'000'000, .per = std::chrono::hours{31 * 24}, .burst = 1'000'000}) == "none");
}

TEST_CASE("a gate has room for what runs and what has a permit") {
    JobGate gate(3, 2, {.permits = 4, .per = 1h});
    CHECK(gate.room().messages == 4);
    CHECK(gate.room().more_at == TimePoint::max());  // All permits are there.
    REQUIRE(gate.enter());
    CHECK(gate.room().messages == 4);
    gate.leave();
    CHECK(gate.room().messages == 3);
    CHECK(gate.room().more_at > std::chrono::steady_clock::now());
    gate.set_concurrency(1);
    CHECK(gate.room().messages == 3);
    CHECK(gate.room().more_at == TimePoint::max());
}

TEST_CASE("a gate that is full, or has no permit, lets nobody in until it closes") {
    const RateLimit limit = GENERATE(RateLimit{}, RateLimit{1, 1h});
    JobGate gate(limit.permits == 0 ? 1 : 2, 0, limit);
    REQUIRE(gate.enter());
    auto second = std::async(std::launch::async, [&] { return gate.enter(); });
    gate.close();
    CHECK_FALSE(second.get());
}

TEST_CASE("a job that leaves a full gate lets the next one in") {
    JobGate gate(1, 0, {});
    REQUIRE(gate.enter());
    auto second = std::async(std::launch::async, [&] { return gate.enter(); });
    gate.leave();
    CHECK(second.get());
}
