// What a hostile or broken peer may send. Each ends in a typed error or a refused request, never in more memory than
// came in.

#include "server/core/limits.hpp"
#include "server/session/session_limits.hpp"
#include "tests/unit/session/protocol_fixture.hpp"

#include <catch2/catch.hpp>

namespace baton::session::test {

namespace {

std::string head(std::uint32_t length) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<char>(length >> shift));
    }
    return bytes;
}

/// The one error that ends the connection.
v1::Error fatal_error(Machine& machine) {
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    REQUIRE(said[0].has_error());
    CHECK(said[0].request_id() == 0);
    CHECK(machine.protocol.closing());
    CHECK(machine.protocol.refused());
    return said[0].error();
}

/// A ClientFrame with request id 2 and one body.
std::string with_body(char tag, std::string_view body) {
    std::string frame("\x08\x02", 2);
    frame += tag;
    std::string length;
    for (std::size_t rest = body.size(); length.empty() || rest > 0; rest >>= 7) {
        length.push_back(static_cast<char>((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0)));
    }
    return frame + length + std::string(body);
}

constexpr char produce_tag = 6 << 3 | 2;
constexpr char settle_tag = 7 << 3 | 2;

}  // namespace

TEST_CASE("hostile lengths end the connection with the limit named") {
    const std::uint32_t length =
        GENERATE(as<std::uint32_t>{}, core::limits::frame_bytes_max + 1, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU);
    Machine machine;
    machine.say_hello();
    machine.feed(head(length));
    const auto error = fatal_error(machine);
    CHECK(error.code() == v1::FRAME_TOO_LARGE);
    CHECK(error.limit() == core::limits::frame_bytes_max);
}

TEST_CASE("the largest length alone takes no memory") {
    Machine machine;
    machine.say_hello();
    machine.feed(head(core::limits::frame_bytes_max));
    CHECK_FALSE(machine.protocol.closing());
    CHECK(machine.in.room(machine.protocol.wanted()).size() <= limits::block_bytes);
}

TEST_CASE("a frame of length zero ends the connection") {
    Machine machine;
    machine.say_hello();
    machine.feed(head(0));
    CHECK(fatal_error(machine).code() == v1::MALFORMED_FRAME);
}

TEST_CASE("the first frame is bounded more tightly") {
    Machine machine;
    machine.feed(head(core::limits::first_frame_bytes_max + 1));
    CHECK(fatal_error(machine).limit() == core::limits::first_frame_bytes_max);
}

TEST_CASE("anything but a hello first ends the connection") {
    Machine machine;
    machine.feed(framed(produce_frame(2, 1, 1)));
    CHECK(fatal_error(machine).code() == v1::HELLO_EXPECTED);
    CHECK(machine.inputs.empty());
    CHECK_FALSE(machine.protocol.opened());
}

TEST_CASE("a second hello ends the connection") {
    Machine machine;
    machine.say_hello();
    machine.feed(framed(hello_frame()));
    CHECK(fatal_error(machine).field() == "hello");
}

TEST_CASE("a version that does not exist is refused") {
    Machine machine;
    auto hello = hello_frame();
    hello.mutable_hello()->set_protocol_version(0);
    machine.feed(framed(hello));
    CHECK(fatal_error(machine).code() == v1::UNSUPPORTED_VERSION);
}

TEST_CASE("bytes that are no message end the connection") {
    const std::string body =
        GENERATE(as<std::string>{},
                 std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 12),  // varint beyond 10 bytes
                 std::string("\x0F", 1),                                               // unknown wire type
                 std::string("\x08", 1),                                               // cut request id
                 std::string("\x00\x01", 2),                                           // field number 0
                 std::string("\x32\x7F", 2),                                           // produce longer than the frame
                 std::string("\x33\x34", 2),                                           // a group
                 std::string("GET / HTTP/1.1\r\n\r\n"), std::string("\x16\x03\x01\x02\x00\x01\x00", 7));
    Machine machine;
    machine.say_hello();
    machine.feed(framed(body));
    CHECK(fatal_error(machine).code() == v1::MALFORMED_FRAME);
}

TEST_CASE("a frame with two requests ends the connection") {
    Machine machine;
    machine.say_hello();
    machine.feed(framed(produce_frame(2, 1, 1).SerializeAsString() + produce_frame(2, 1, 1).SerializeAsString()));
    CHECK(fatal_error(machine).code() == v1::MALFORMED_FRAME);
}

TEST_CASE("an unknown request is refused and the connection goes on") {
    Machine machine;
    machine.say_hello();
    machine.feed(framed(std::string("\x08\x02\xFA\x3F\x00", 5)));
    auto said = machine.said();
    REQUIRE(said.size() == 1);
    CHECK(said[0].request_id() == 2);
    CHECK(said[0].error().code() == v1::UNKNOWN_REQUEST);
    machine.feed(framed(std::string("\x08\x03", 2)));
    CHECK(machine.said().at(0).error().code() == v1::UNKNOWN_REQUEST);
    CHECK_FALSE(machine.protocol.closing());
}

TEST_CASE("many empty sub-messages are counted before anything is built") {
    std::string settlements;
    for (std::uint32_t i = 0; i < core::limits::settlements_max + 1; ++i) {
        settlements += std::string("\x0A\x00", 2);
    }
    Machine machine;
    machine.say_hello();
    machine.feed(framed(with_body(settle_tag, settlements)));
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    CHECK(said[0].error().field() == "settle.settlements");
    CHECK(said[0].error().limit() == core::limits::settlements_max);

    std::string entries;
    for (std::uint32_t i = 0; i < core::limits::batch_messages_max + 1; ++i) {
        entries += std::string("\x7A\x00", 2);
    }
    machine.feed(framed(with_body(produce_tag, entries)));
    CHECK(machine.said().at(0).error().code() == v1::BATCH_TOO_LARGE);
}

TEST_CASE("a small request is bounded in bytes") {
    Machine machine;
    machine.say_hello();
    machine.feed(framed(with_body(settle_tag, std::string(limits::small_request_bytes_max + 1, '\x7A'))));
    const auto said = machine.said();
    REQUIRE(said.size() == 1);
    CHECK(said[0].error().code() == v1::BATCH_TOO_LARGE);
    CHECK(said[0].error().limit() == limits::small_request_bytes_max);
}

TEST_CASE("nesting beyond the limit is refused by the parser") {
    // Unknown groups nested in a Settle: what a parser without a bound would follow down.
    const int depth = GENERATE(17, 99, 101, 5000);
    std::string body;
    for (int i = 0; i < depth; ++i) {
        body += '\x4B';
    }
    for (int i = 0; i < depth; ++i) {
        body += '\x4C';
    }
    Machine machine;
    machine.say_hello();
    machine.feed(framed(with_body(settle_tag, body)));
    CHECK(fatal_error(machine).code() == v1::MALFORMED_FRAME);
}

TEST_CASE("names and text are checked") {
    Machine machine;
    machine.say_hello();
    for (const std::string& name : {std::string(), std::string("a\0b", 3), std::string("a\r\nb"),
                                    std::string("\u202Eabc"), std::string(256, 'a'), std::string("a b")}) {
        v1::ClientFrame frame;
        frame.set_request_id(2);
        frame.mutable_show_queue()->set_name(name);
        machine.feed(framed(frame));
        CHECK(machine.said().at(0).error().code() == v1::INVALID_ARGUMENT);
    }
    // Not UTF-8: protobuf refuses to read such a string at all.
    machine.feed(framed(with_body(static_cast<char>(9 << 3 | 2), std::string("\x12\x01\xFF", 3))));
    CHECK(fatal_error(machine).code() == v1::MALFORMED_FRAME);
}

TEST_CASE("a million bytes of tiny frames are handled in bounded turns") {
    Machine machine;
    machine.say_hello();
    v1::ClientFrame ping;
    ping.mutable_ping();
    std::string bytes;
    std::size_t frames = 0;
    while (bytes.size() < 1'000'000) {
        bytes += framed(ping);
        ++frames;
    }
    machine.feed(bytes);
    CHECK(machine.said().size() == frames);
}

TEST_CASE("nothing is handled after the connection was refused") {
    Machine machine;
    machine.say_hello();
    machine.feed(head(0) + framed(produce_frame(2, 1, 1)));
    CHECK(machine.inputs.empty());
    CHECK(machine.said().size() == 1);
}

}  // namespace baton::session::test
