#include "client/produce_encoder.hpp"

#include "client/wire_writer.hpp"

namespace baton::detail {

std::string encode_produce_head(const ProduceHead& head) {
    std::string out;
    out.reserve(64 + head.queue.size() + head.defaults.size() + head.options.size());
    put_bytes_field(out, 1, head.queue);
    put_fixed64_field(out, 2, head.producer_id);
    put_varint_field(out, 3, static_cast<std::uint64_t>(head.producer_created_ms));
    put_varint_field(out, 4, head.sequence);
    if (head.acked_through != 0) {
        put_varint_field(out, 5, head.acked_through);
    }
    if (!head.defaults.empty()) {
        put_bytes_field(out, 6, head.defaults);
    }
    out.append(head.options);
    if (head.per_item) {
        put_varint_field(out, 8, 1);
    }
    if (head.refuse_unrouted) {
        put_varint_field(out, 9, 1);
    }
    return out;
}

}  // namespace baton::detail
