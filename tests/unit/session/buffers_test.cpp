#include "server/session/receive_buffer.hpp"
#include "server/session/send_queue.hpp"
#include "server/session/session_limits.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>
#include <string>

namespace baton::session::test {

namespace {

void put(ReceiveBuffer& buffer, std::string_view bytes, std::size_t wanted) {
    while (!bytes.empty()) {
        const auto room = buffer.room(wanted);
        REQUIRE_FALSE(room.empty());
        const std::size_t taken = std::min(room.size(), bytes.size());
        std::memcpy(room.data(), bytes.data(), taken);
        buffer.received(taken);
        bytes.remove_prefix(taken);
    }
}

}  // namespace

TEST_CASE("a pinned block is not written over") {
    BlockPool pool;
    ReceiveBuffer buffer(pool);
    put(buffer, std::string(100'000, 'a'), 0);
    const std::shared_ptr<char[]> pin = buffer.pin();
    const std::string_view pinned = buffer.unread();
    buffer.consume(100'000);
    put(buffer, std::string(500'000, 'b'), 500'000);
    CHECK(buffer.unread() == std::string(500'000, 'b'));
    CHECK(pinned == std::string(100'000, 'a'));
}

TEST_CASE("a frame that does not fit at the end of its block is moved whole") {
    BlockPool pool;
    ReceiveBuffer buffer(pool);
    put(buffer, std::string(200'000, 'a'), 0);
    const std::shared_ptr<char[]> pin = buffer.pin();
    buffer.consume(200'000);
    put(buffer, "bcd", 0);
    put(buffer, std::string(150'000, 'e'), 150'003);
    CHECK(buffer.unread() == "bcd" + std::string(150'000, 'e'));
}

TEST_CASE("room grows with what has arrived, not with what was declared") {
    BlockPool pool;
    ReceiveBuffer buffer(pool);
    constexpr std::size_t declared = 16'000'000;
    std::size_t arrived = 0;
    while (arrived < 1'000'000) {
        const auto room = buffer.room(declared);
        CHECK(room.size() <= std::max(limits::block_bytes, 2 * arrived + 8192));
        std::memset(room.data(), 'x', room.size());
        buffer.received(room.size());
        arrived += room.size();
    }
    CHECK(buffer.unread().size() == arrived);
}

TEST_CASE("an idle connection holds no block") {
    BlockPool pool;
    ReceiveBuffer buffer(pool);
    put(buffer, "abc", 0);
    buffer.release_if_empty();
    CHECK(buffer.pin());
    buffer.consume(3);
    buffer.release_if_empty();
    CHECK_FALSE(buffer.pin());
}

TEST_CASE("blocks are used again") {
    BlockPool pool;
    const char* first = nullptr;
    {
        const Block block = pool.take();
        first = block.bytes.get();
    }
    CHECK(pool.take().bytes.get() == first);
}

TEST_CASE("blocks outlive their pool") {
    Block block;
    {
        BlockPool pool;
        block = pool.take();
    }
    std::memset(block.bytes.get(), 0, block.capacity);
    block = {};
}

TEST_CASE("small pieces go out as one buffer and partial writes keep the rest") {
    SendQueue queue;
    std::string all;
    for (int i = 0; i < 1000; ++i) {
        const std::string piece = "piece " + std::to_string(i) + ";";
        queue.append(piece);
        all += piece;
    }
    CHECK(queue.bytes() == all.size());
    std::vector<std::string_view> slices;
    slices.reserve(64);
    std::string out;
    while (!queue.empty()) {
        queue.front(slices);
        CHECK(slices.size() <= 3);
        const std::size_t taken = std::min<std::size_t>(slices[0].size(), 7);
        out += slices[0].substr(0, taken);
        queue.written(taken);
    }
    CHECK(out == all);
    queue.append("again");
    queue.front(slices);
    CHECK(slices.at(0) == "again");
}

}  // namespace baton::session::test
