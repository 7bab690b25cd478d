#include "server/session/decode/parse.hpp"

#include "proto/entry_format.hpp"

#include <google/protobuf/io/coded_stream.h>

namespace baton::session {

bool parse_message(std::string_view bytes, google::protobuf::MessageLite& out) {
    google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                  static_cast<int>(bytes.size()));
    stream.SetRecursionLimit(limits::nesting_max);
    return out.MergeFromCodedStream(&stream) && stream.ConsumedEntireMessage();
}

std::size_t count_field(std::string_view bytes, std::uint32_t number) {
    std::size_t pos = 0, count = 0;
    std::uint64_t tag = 0;
    while (pos < bytes.size() && proto::read_varint(bytes, pos, tag)) {
        count += tag >> 3 == number ? 1 : 0;
        if (!proto::skip_field(bytes, pos, static_cast<std::uint32_t>(tag & 7))) {
            break;
        }
    }
    return count;
}

}  // namespace baton::session
