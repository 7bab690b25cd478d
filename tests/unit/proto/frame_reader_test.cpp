#include "proto/frame_reader.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace {

using baton::proto::FrameStatus;
using baton::proto::next_frame;

std::string frame_of(const std::string& body) {
    std::string frame(baton::proto::frame_head_bytes, '\0');
    baton::proto::write_frame_head(static_cast<std::uint32_t>(body.size()), frame.data());
    return frame + body;
}

/// Feeds `stream` in pieces that end at `cuts` and returns the bodies of the frames that came out.
std::vector<std::string> read_in_pieces(const std::string& stream, const std::vector<std::size_t>& cuts) {
    std::vector<std::string> bodies;
    std::string buffer;
    std::size_t begin = 0;
    for (const std::size_t end : cuts) {
        buffer += stream.substr(begin, end - begin);
        begin = end;
        for (auto frame = next_frame(buffer, 1024); frame.status == FrameStatus::complete;
             frame = next_frame(buffer, 1024)) {
            bodies.emplace_back(frame.frame);
            buffer.erase(0, frame.consumed);
        }
    }
    REQUIRE(buffer.empty());
    return bodies;
}

}  // namespace

TEST_CASE("frames split at every byte come out whole and in order") {
    const std::vector<std::string> bodies = {"a", std::string(300, 'b'), "\x7A\x00", std::string(1024, 'c')};
    std::string stream;
    for (const std::string& body : bodies) {
        stream += frame_of(body);
    }

    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        REQUIRE(read_in_pieces(stream, {cut, stream.size()}) == bodies);
    }
}

TEST_CASE("frames that arrive one byte at a time come out whole and in order") {
    const std::vector<std::string> bodies = {"first", "second", std::string(200, '\0')};
    std::string stream;
    std::vector<std::size_t> cuts;
    for (const std::string& body : bodies) {
        stream += frame_of(body);
    }
    for (std::size_t cut = 1; cut <= stream.size(); ++cut) {
        cuts.push_back(cut);
    }

    REQUIRE(read_in_pieces(stream, cuts) == bodies);
}

TEST_CASE("a partial frame says how many bytes the whole takes, once its head is there") {
    const std::string frame = frame_of(std::string(500, 'x'));

    for (std::size_t have = 0; have < 4; ++have) {
        const auto view = next_frame(std::string_view(frame).substr(0, have), 1024);
        REQUIRE(view.status == FrameStatus::partial);
        REQUIRE(view.wanted == 0);
    }
    for (std::size_t have = 4; have < frame.size(); ++have) {
        const auto view = next_frame(std::string_view(frame).substr(0, have), 1024);
        REQUIRE(view.status == FrameStatus::partial);
        REQUIRE(view.wanted == frame.size());
    }
}

TEST_CASE("a frame of exactly the largest size is taken, one byte more is refused by its head alone") {
    const std::string largest = frame_of(std::string(64, 'x'));
    const std::string over = frame_of(std::string(65, 'x'));

    REQUIRE(next_frame(largest, 64).status == FrameStatus::complete);
    REQUIRE(next_frame(over.substr(0, 4), 64).status == FrameStatus::too_large);
}

TEST_CASE("declared lengths at the edges of the number range are refused") {
    for (const std::uint32_t length : {0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU}) {
        std::string head(4, '\0');
        baton::proto::write_frame_head(length, head.data());

        REQUIRE(next_frame(head, 16 * 1024 * 1024).status == FrameStatus::too_large);
    }
}

TEST_CASE("an empty frame is an error of its own") {
    REQUIRE(next_frame(std::string(4, '\0'), 1024).status == FrameStatus::empty);
}

TEST_CASE("the head is big-endian") {
    char head[4];
    baton::proto::write_frame_head(0x01020304, head);

    REQUIRE(std::string(head, 4) == std::string("\x01\x02\x03\x04"));
}
