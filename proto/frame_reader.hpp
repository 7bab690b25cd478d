#pragma once
// Framing: a 4-byte big-endian length, then that many bytes of one protobuf message. The reader is sans-I/O: bytes go
// in as they arrive, split anywhere; whole frames come out. It never allocates on a declared length: the caller owns
// the buffer and learns only how much of it is a frame.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace baton::proto {

inline constexpr std::size_t frame_head_bytes = 4;

enum class FrameStatus : std::uint8_t {
    /// `frame` holds the body; drop `consumed` bytes and look again.
    complete,
    /// More bytes are needed; `wanted` says how many the whole frame takes, head included (0 while unknown).
    partial,
    /// The declared length is over the limit: close the connection with FRAME_TOO_LARGE.
    too_large,
    /// A length of 0: close the connection with MALFORMED_FRAME.
    empty,
};

struct FrameView {
    FrameStatus status = FrameStatus::partial;
    std::string_view frame;
    std::size_t consumed = 0;
    std::size_t wanted = 0;
};

/// Looks at the front of `bytes` for one frame of at most `body_bytes_max`.
FrameView next_frame(std::string_view bytes, std::size_t body_bytes_max);

/// Writes the head of a frame with a body of `body_bytes` to `out[0..3]`.
void write_frame_head(std::uint32_t body_bytes, char* out);

}  // namespace baton::proto
