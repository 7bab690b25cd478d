#include "client/message_options.hpp"

#include "client/retry_convert.hpp"
#include "client/wire_time.hpp"
#include "client/wire_writer.hpp"

namespace baton::detail {

void put_message_options(std::string& out, const MessageOptions& options) {
    if (options.delay) {
        put_varint_field(out, 1, count_of(*options.delay));
    }
    if (options.due_ms) {
        put_varint_field(out, 2, static_cast<std::uint64_t>(*options.due_ms));
    }
    if (options.ttl) {
        put_varint_field(out, 3, count_of(*options.ttl));
    }
    if (options.lease) {
        put_varint_field(out, 4, count_of(*options.lease));
    }
    if (options.priority) {
        put_varint_field(out, 10, *options.priority);
    }
    if (options.lifo) {
        put_varint_field(out, 11, 1);
    }
    if (options.max_attempts) {
        put_varint_field(out, 20, *options.max_attempts);
    }
    if (options.run_limit) {
        put_varint_field(out, 22, count_of(*options.run_limit));
    }
    if (options.backoff) {
        v1::Backoff backoff;
        to_proto(*options.backoff, backoff);
        put_bytes_field(out, 21, backoff.SerializeAsString());
    }
    if (!options.group.empty()) {
        put_bytes_field(out, 50, options.group);
    }
    if (options.id) {
        put_bytes_field(out, 30, *options.id);
    }
    if (options.dedup) {
        std::string dedup;
        put_bytes_field(dedup, 1, options.dedup->id);
        put_varint_field(dedup, 2, static_cast<std::uint64_t>(options.dedup->mode));
        put_varint_field(dedup, 3, count_of(options.dedup->ttl));
        put_varint_field(dedup, 4, options.dedup->extend ? 1 : 0);
        put_varint_field(dedup, 5, options.dedup->replace ? 1 : 0);
        put_bytes_field(out, 31, dedup);
    }
}

}  // namespace baton::detail
