#include "client/address.hpp"

#include <catch2/catch.hpp>

using baton::detail::Address;
using baton::detail::parse_address;

TEST_CASE("addresses are host and port, with the default port when there is none") {
    CHECK(parse_address("localhost:7000") == Address{"localhost", "7000"});
    CHECK(parse_address("10.0.0.1") == Address{"10.0.0.1", "7450"});
    CHECK(parse_address("[::1]:80") == Address{"::1", "80"});
    CHECK(parse_address("[::1]") == Address{"::1", "7450"});
}

TEST_CASE("what is no address is refused") {
    for (const char* text :
         {"", ":7450", "host:", "host:0", "host:65536", "host:7x", "::1", "[::1", "[::1]7450", "[]:1"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_address(text));
    }
}
