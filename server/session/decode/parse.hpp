#pragma once
// How the decoders parse and bound: protobuf with an arena on the stack, a nesting limit, and counting before building.

#include "server/core/limits.hpp"
#include "server/core/own_ids.hpp"
#include "server/core/queue_settings.hpp"
#include "server/session/decode/bodies.hpp"
#include "server/session/session_limits.hpp"

#include <google/protobuf/arena.h>
#include <google/protobuf/message_lite.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace baton::session {

/// False when the bytes are no such message or nest deeper than limits::nesting_max.
bool parse_message(std::string_view bytes, google::protobuf::MessageLite& out);

/// How often field `number` occurs at the top level; what cannot be walked is left to the parser to refuse.
std::size_t count_field(std::string_view bytes, std::uint32_t number);

/// Parses `body` as a Message of at most `most` bytes and hands it to `decode`, which returns a Fault.
template <typename Message, typename Decode>
Fault decode_as(std::string_view body, const char* name, Decode&& decode,
                std::size_t most = limits::small_request_bytes_max) {
    if (body.size() > most) {
        return wire_error(core::Refusal{core::RefusalCode::batch_too_large, "the request is too large", name, most});
    }
    alignas(8) char first_block[2048];
    google::protobuf::ArenaOptions options;
    options.initial_block = first_block;
    options.initial_block_size = sizeof first_block;
    google::protobuf::Arena arena(options);
    auto* message = google::protobuf::Arena::CreateMessage<Message>(&arena);
    if (!parse_message(body, *message)) {
        return malformed("the bytes are no valid request of this kind", name);
    }
    return decode(*message);
}

/// A fault when `value` is outside [least, most].
inline Fault check_range(std::uint64_t value, std::uint64_t least, std::uint64_t most, const char* field) {
    if (value < least) {
        return invalid(field, "must be at least " + std::to_string(least), least);
    }
    if (value > most) {
        return invalid(field, "must be at most " + std::to_string(most), most);
    }
    return {};
}
inline Fault check_queue_name(const std::string& name, const char* field) {
    if (auto refusal = core::check_target_name(name, field)) {
        return wire_error(std::move(*refusal));
    }
    return {};
}
/// Names of groups; protobuf has seen to it that they are UTF-8.
inline Fault check_group(const std::string& name, std::size_t least, const char* field) {
    return check_range(name.size(), least, core::limits::group_bytes_max, field);
}
/// Ids by which a request names messages.
template <typename Ids>
Fault decode_own_ids(const Ids& from, const char* field, core::OwnIds& out) {
    for (const std::string& id : from) {
        if (auto fault = check_name_text(id, field)) {
            return fault;
        }
    }
    out.ids.assign(from.begin(), from.end());
    return {};
}
inline Fault check_lease(std::uint64_t lease_ms, const char* field) {
    return check_range(lease_ms, core::limits::lease_ms_min, core::limits::lease_ms_max, field);
}

}  // namespace baton::session
