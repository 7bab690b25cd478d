#pragma once
// The bytes of a key, without allocation. What they say is in keys.hpp.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace baton::storage {

/// One key. Only as many bytes as it has are copied.
class Key {
public:
    static constexpr std::size_t bytes_max = 288;

    Key() = default;
    Key(const Key& other) : size_(other.size_) { std::memcpy(bytes_, other.bytes_, size_); }
    Key& operator=(const Key& other) {
        size_ = other.size_;
        std::memmove(bytes_, other.bytes_, size_);
        return *this;
    }
    std::string_view view() const { return {bytes_, size_}; }
    bool operator==(const Key& other) const { return view() == other.view(); }
    bool operator<(const Key& other) const { return view() < other.view(); }

private:
    friend class KeyWriter;
    char bytes_[bytes_max];
    std::uint16_t size_ = 0;
};

/// [begin, end) in key order.
struct KeyRange {
    Key begin, end;
};

}  // namespace baton::storage
