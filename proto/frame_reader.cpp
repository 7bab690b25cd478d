#include "proto/frame_reader.hpp"

namespace baton::proto {

FrameView next_frame(std::string_view bytes, std::size_t body_bytes_max) {
    if (bytes.size() < frame_head_bytes) {
        return {};
    }
    std::size_t body_bytes = 0;
    for (std::size_t i = 0; i < frame_head_bytes; ++i) {
        body_bytes = body_bytes << 8 | static_cast<unsigned char>(bytes[i]);
    }
    if (body_bytes == 0) {
        return {.status = FrameStatus::empty};
    }
    if (body_bytes > body_bytes_max) {
        return {.status = FrameStatus::too_large, .wanted = body_bytes};
    }
    const std::size_t whole = frame_head_bytes + body_bytes;
    if (bytes.size() < whole) {
        return {.status = FrameStatus::partial, .wanted = whole};
    }
    return {FrameStatus::complete, bytes.substr(frame_head_bytes, body_bytes), whole, whole};
}

void write_frame_head(std::uint32_t body_bytes, char* out) {
    out[0] = static_cast<char>(body_bytes >> 24);
    out[1] = static_cast<char>(body_bytes >> 16);
    out[2] = static_cast<char>(body_bytes >> 8);
    out[3] = static_cast<char>(body_bytes);
}

}  // namespace baton::proto
