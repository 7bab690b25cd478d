#pragma once
// The envelope of small records: one protobuf message behind a 64-bit checksum that is seeded with its key's kind,
// queue and number. Pure; any thread.

#include "storage/byte_order.hpp"
#include "storage/checksums.hpp"
#include "storage/damage.hpp"
#include "storage/keys.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace baton::storage {

inline constexpr std::size_t sum_bytes = 8;

inline std::uint64_t seed_of(KeyKind kind, core::QueueId queue, std::uint64_t number) {
    return (static_cast<std::uint64_t>(kind) << 56) ^ core::value(queue) * 0x9E3779B97F4A7C15ULL ^ number;
}

/// The value of a record.
template <typename Message>
std::string sealed(const Message& message, KeyKind kind, core::QueueId queue, std::uint64_t number) {
    std::string value(sum_bytes, '\0');
    message.AppendToString(&value);
    put_little_endian(value.data(), checksum(std::string_view(value).substr(sum_bytes), seed_of(kind, queue, number)));
    return value;
}

/// The message in a value. Throws Damage when it does not match its checksum.
template <typename Message>
Message opened(const ParsedKey& key, std::string_view value) {
    Message message;
    const bool long_enough = value.size() >= sum_bytes;
    const std::string_view body = long_enough ? value.substr(sum_bytes) : std::string_view();
    if (!long_enough ||
        get_little_endian<std::uint64_t>(value.data()) != checksum(body, seed_of(key.kind, key.queue, key.number)) ||
        !message.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
        throw Damage(fmt::format("record of kind {} of queue {}, number {}: does not match its checksum",
                                 static_cast<int>(key.kind), core::value(key.queue), key.number));
    }
    return message;
}

}  // namespace baton::storage
