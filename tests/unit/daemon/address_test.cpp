#include "server/daemon/address.hpp"

#include <catch2/catch.hpp>

namespace baton::daemon::test {

TEST_CASE("addresses are read with their port") {
    const auto v4 = parse_address("127.0.0.1:7450");
    REQUIRE(v4);
    CHECK(v4->host == "127.0.0.1");
    CHECK(v4->port == 7450);
    CHECK(v4->is_loopback());

    const auto v6 = parse_address("[::1]:0");
    REQUIRE(v6);
    CHECK(v6->host == "::1");
    CHECK(v6->is_loopback());

    CHECK(parse_address("localhost:1")->is_loopback());
    CHECK_FALSE(parse_address("0.0.0.0:1")->is_loopback());
    CHECK_FALSE(parse_address("[::]:1")->is_loopback());
    CHECK_FALSE(parse_address("10.127.0.1:1")->is_loopback());
}

TEST_CASE("anything else is refused") {
    for (const char* text : {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
                             "::1:80", "[::1]", "example.org:80", "127.0.0:80", "127.0.0.1:80 "}) {
        CHECK_FALSE(parse_address(text));
    }
}

}  // namespace baton::daemon::test
