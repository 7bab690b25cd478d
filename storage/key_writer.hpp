#pragma once
// How keys are put together, field by field. For the files that build keys only.

#include "storage/byte_order.hpp"
#include "storage/key_tags.hpp"
#include "storage/keys.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace baton::storage {

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
        key_.size_ = static_cast<std::uint16_t>(key_.size_ + sizeof(Integer));
        return *this;
    }
    KeyWriter& put_text(std::string_view text) {
        const std::size_t bytes = std::min(text.size(), Key::bytes_max - key_.size_);
        std::memcpy(key_.bytes_ + key_.size_, text.data(), bytes);
        key_.size_ = static_cast<std::uint16_t>(key_.size_ + bytes);
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
