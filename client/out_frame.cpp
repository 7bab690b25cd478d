#include "client/out_frame.hpp"

#include "client/wire_writer.hpp"
#include "proto/frame_reader.hpp"

#include <google/protobuf/message_lite.h>

#include <utility>

namespace baton::detail {

OutFramePtr make_frame(std::uint64_t request_id, std::string_view namespace_name, std::uint32_t field,
                       std::string_view fields, std::string entries) {
    auto frame = std::make_shared<OutFrame>();
    std::string& head = frame->head;
    head.reserve(proto::frame_head_bytes + 32 + namespace_name.size() + fields.size());
    head.append(proto::frame_head_bytes, '\0');
    if (request_id != 0) {
        put_varint_field(head, 1, request_id);
    }
    if (!namespace_name.empty()) {
        put_bytes_field(head, 2, namespace_name);
    }
    put_field_head(head, field, fields.size() + entries.size());
    head.append(fields);
    frame->body = std::move(entries);
    proto::write_frame_head(static_cast<std::uint32_t>(frame->bytes() - proto::frame_head_bytes), head.data());
    return frame;
}

OutFramePtr make_frame(std::uint64_t request_id, std::string_view namespace_name, std::uint32_t field,
                       const google::protobuf::MessageLite& message) {
    return make_frame(request_id, namespace_name, field, message.SerializeAsString());
}

}  // namespace baton::detail
