#pragma once
// How keys are put together, field by field. For the files that build keys only.

#include "storage/byte_order.hpp"
#include "storage/keys.hpp"

#include <cstdint>

namespace baton::storage {

inline constexpr std::uint8_t namespace_data = 0x01, shard_data = 0x02;
inline constexpr std::uint64_t sign_bit = 1ULL << 63;
/// Shard records are tagged 0x01.. on disk and 0xE1.. in KeyKind, so that one enumeration names all kinds.
inline constexpr std::uint8_t shard_kind_bit = 0xE0;
inline constexpr std::uint8_t commit_tag = 0xF0;

inline std::uint8_t shard_tag(KeyKind kind) {
    return kind == KeyKind::commit ? commit_tag
                                   : static_cast<std::uint8_t>(static_cast<std::uint8_t>(kind) - shard_kind_bit);
}

class KeyWriter {
public:
    KeyWriter(core::NamespaceId ns, std::uint8_t kind) {
        put(namespace_data);
        put(core::value(ns));
        put(kind);
    }
    KeyWriter(core::NamespaceId ns, KeyKind kind, core::QueueId queue)
        : KeyWriter(ns, static_cast<std::uint8_t>(kind)) {
        put(core::value(queue));
    }
    explicit KeyWriter(KeyKind shard_record) {
        put(shard_data);
        put(shard_tag(shard_record));
    }

    template <typename Integer>
    KeyWriter& put(Integer value) {
        put_big_endian(key_.bytes_ + key_.size_, value);
        key_.size_ = static_cast<std::uint8_t>(key_.size_ + sizeof(Integer));
        return *this;
    }
    KeyWriter& put_signed(std::int64_t number) { return put(static_cast<std::uint64_t>(number) ^ sign_bit); }
    /// The smallest key above every key that starts with this one.
    KeyWriter& successor() {
        while (key_.size_ > 0) {
            char& last = key_.bytes_[key_.size_ - 1];
            if (static_cast<std::uint8_t>(last) != 0xFF) {
                last = static_cast<char>(static_cast<std::uint8_t>(last) + 1);
                break;
            }
            key_.size_ -= 1;
        }
        return *this;
    }
    Key key() const { return key_; }

private:
    Key key_;
};

}  // namespace baton::storage
