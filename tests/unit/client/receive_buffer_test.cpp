#include "client/receive_buffer.hpp"

#include <catch2/catch.hpp>

#include <cstring>
#include <string>

using baton::detail::ReceiveBuffer;

namespace {

void receive(ReceiveBuffer& buffer, std::string_view bytes, std::size_t wanted = 0) {
    while (!bytes.empty()) {
        const auto room = buffer.room(wanted);
        REQUIRE(room.bytes > 0);
        const std::size_t n = std::min(room.bytes, bytes.size());
        std::memcpy(room.data, bytes.data(), n);
        buffer.received(n);
        bytes.remove_prefix(n);
    }
}

}  // namespace

TEST_CASE("a share keeps its bytes while the buffer goes on") {
    ReceiveBuffer buffer;
    receive(buffer, "first");
    const std::string_view first = buffer.bytes();
    const auto share = buffer.share();
    buffer.consume(5);
    for (int i = 0; i < 100; ++i) {
        receive(buffer, std::string(50'000, 'x'));
        buffer.consume(50'000);
    }
    CHECK(first == "first");
}

TEST_CASE("an incomplete frame moves whole to a larger block") {
    ReceiveBuffer buffer;
    const std::string big(3'000'000, 'b');
    receive(buffer, "head");
    buffer.consume(4);
    receive(buffer, big, big.size());
    CHECK(buffer.bytes() == big);
}

TEST_CASE("room follows what has arrived, not what was announced") {
    ReceiveBuffer buffer;
    receive(buffer, "x");
    CHECK(buffer.room(1U << 30).bytes <= 1024 * 1024);
}

TEST_CASE("a new connection starts without the bytes of the old one") {
    ReceiveBuffer buffer;
    receive(buffer, "left over");
    buffer.reset();
    CHECK(buffer.bytes().empty());
    receive(buffer, "new");
    CHECK(buffer.bytes() == "new");
}
