#pragma once
// One key, and a range of them; built by KeyWriter alone.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace baton::storage {

/// One key, without allocation.
class Key {
public:
    static constexpr std::size_t bytes_max = 58;

    std::string_view view() const { return {bytes_, size_}; }
    bool operator==(const Key& other) const { return view() == other.view(); }
    bool operator<(const Key& other) const { return view() < other.view(); }

private:
    friend class KeyWriter;
    char bytes_[bytes_max];
    std::uint8_t size_ = 0;
};

/// [begin, end) in key order.
struct KeyRange {
    Key begin, end;
};

}  // namespace baton::storage
