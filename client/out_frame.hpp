#pragma once
// A frame on its way to the server: a head (length prefix, envelope, small fields) and, for a produce, the entries in
// the buffer they were encoded into. The two are written in one gathered write. Immutable once submitted, because the
// frame is repeated byte for byte after a reconnect.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace google::protobuf {
class MessageLite;
}

namespace baton::detail {

struct OutFrame {
    std::string head;
    std::string body;

    std::size_t bytes() const { return head.size() + body.size(); }
};
using OutFramePtr = std::shared_ptr<OutFrame>;

/// The frame of a ClientFrame whose body is field `field` with the bytes `fields` followed by `entries`.
OutFramePtr make_frame(std::uint64_t request_id, std::string_view namespace_name, std::uint32_t field,
                       std::string_view fields, std::string entries = {});
/// The same for a generated message.
OutFramePtr make_frame(std::uint64_t request_id, std::string_view namespace_name, std::uint32_t field,
                       const google::protobuf::MessageLite& message);

}  // namespace baton::detail
