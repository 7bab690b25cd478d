// A stream of frames reads the same however it is split.

#include "proto/frame_reader.hpp"
#include "tests/fuzz/invariant.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using baton::fuzz::require;
using baton::proto::FrameStatus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t body_bytes_max = 1024;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    while (true) {
        const auto whole = baton::proto::next_frame(rest, body_bytes_max);
        for (std::size_t cut = 0; cut < rest.size() && cut <= 64; ++cut) {
            const auto part = baton::proto::next_frame(rest.substr(0, cut), body_bytes_max);
            if (whole.status == FrameStatus::complete && cut < whole.consumed) {
                require(part.status == FrameStatus::partial, "a cut frame is partial");
                require(part.wanted == 0 || part.wanted == whole.consumed,
                        "a partial frame knows its length or nothing");
            } else if (cut >= baton::proto::frame_head_bytes) {
                require(part.status == whole.status, "the head alone decides about a frame");
            }
        }
        if (whole.status != FrameStatus::complete) {
            return 0;
        }
        require(!whole.frame.empty() && whole.frame.size() <= body_bytes_max, "a frame keeps its bound");
        require(whole.consumed == whole.frame.size() + baton::proto::frame_head_bytes, "a frame is its head and body");
        char head[baton::proto::frame_head_bytes];
        baton::proto::write_frame_head(static_cast<std::uint32_t>(whole.frame.size()), head);
        require(rest.substr(0, sizeof head) == std::string_view(head, sizeof head), "a head reads as it was written");
        rest.remove_prefix(whole.consumed);
    }
}
