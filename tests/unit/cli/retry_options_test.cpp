#include "cli/retry_options.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace baton;
using namespace baton::cli;
using std::chrono::milliseconds;

TEST_CASE("a retry rule is a pattern, what it says, and perhaps a backoff") {
    const RetryRule fail = parse_retry_rule("HTTP-4*=fail");
    CHECK(fail.pattern == "HTTP-4*");
    CHECK(fail.action == RetryRule::Action::fail);
    CHECK_FALSE(fail.backoff);
    const RetryRule retry = parse_retry_rule("a=b=retry@fixed:5s");
    CHECK(retry.pattern == "a=b");
    CHECK(retry.action == RetryRule::Action::retry);
    REQUIRE(retry.backoff);
    CHECK(retry.backoff->base == milliseconds(5'000));
    CHECK(parse_retry_rule("HTTP-429=retry-after").action == RetryRule::Action::retry_after);
    for (const char* wrong : {"", "x", "=fail", "x=", "x=maybe", "x=retry@never", "x=fail:now"}) {
        CAPTURE(wrong);
        CHECK_THROWS_AS(parse_retry_rule(wrong), std::invalid_argument);
    }
}
