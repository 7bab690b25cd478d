#include "baton/encoded_batch.hpp"

#include "client/message_options.hpp"
#include "client/wire_writer.hpp"

namespace baton {

using namespace detail;

namespace {

std::size_t field_bytes(std::size_t length) { return 1 + proto::varint_bytes(length) + length; }

}  // namespace

void EncodedBatch::add(std::string_view payload) {
    const std::size_t body = payload.empty() ? 0 : field_bytes(payload.size());
    char head[16];
    std::size_t n = 0;
    head[n++] = static_cast<char>(proto::entry_tag);
    n += proto::write_varint(body, head + n);
    if (body != 0) {
        head[n++] = 0x0A;
        n += proto::write_varint(payload.size(), head + n);
    }
    entries_.append(head, n).append(payload);
    count_ += 1;
}

void EncodedBatch::add(std::string_view payload, std::string_view name, std::span<const Header> headers,
                       const MessageOptions& options) {
    if (options.any()) {
        std::string fields;
        put_message_options(fields, options);
        std::string indexed;
        put_varint_field(indexed, 1, count_);
        put_bytes_field(indexed, 2, fields);
        put_bytes_field(options_, 7, indexed);
    }
    if (name.empty() && headers.empty()) {
        add(payload);
        return;
    }
    std::size_t body = payload.empty() ? 0 : field_bytes(payload.size());
    body += name.empty() ? 0 : field_bytes(name.size());
    const auto header_bytes = [](const Header& header) {
        return field_bytes(header.key.size()) + field_bytes(header.value.size());
    };
    for (const Header& header : headers) {
        body += field_bytes(header_bytes(header));
    }
    put_field_head(entries_, 15, body);
    if (!payload.empty()) {
        put_bytes_field(entries_, 1, payload);
    }
    if (!name.empty()) {
        put_bytes_field(entries_, 2, name);
    }
    for (const Header& header : headers) {
        put_field_head(entries_, 3, header_bytes(header));
        put_bytes_field(entries_, 1, header.key);
        put_bytes_field(entries_, 2, header.value);
    }
    count_ += 1;
}

void EncodedBatch::clear() {
    entries_.clear();
    options_.clear();
    count_ = 0;
}

}  // namespace baton
