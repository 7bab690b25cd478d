#pragma once
// Integers as bytes: big-endian for keys, so that byte order is numeric order; little-endian for values. All functions
// are free and pure; callers guarantee that the bytes are there.

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

namespace baton::storage {

static_assert(std::endian::native == std::endian::little, "values are stored as little-endian copies");

template <typename Integer>
void put_big_endian(char* out, Integer value) {
    for (std::size_t i = 0; i < sizeof(Integer); ++i) {
        out[i] = static_cast<char>(static_cast<std::uint8_t>(value >> (8 * (sizeof(Integer) - 1 - i))));
    }
}

template <typename Integer>
Integer get_big_endian(const char* in) {
    Integer value = 0;
    for (std::size_t i = 0; i < sizeof(Integer); ++i) {
        value = static_cast<Integer>((value << 8) | static_cast<std::uint8_t>(in[i]));
    }
    return value;
}

template <typename Integer>
void put_little_endian(char* out, Integer value) {
    std::memcpy(out, &value, sizeof value);
}

template <typename Integer>
void append_little_endian(std::string& out, Integer value) {
    char bytes[sizeof(Integer)];
    put_little_endian(bytes, value);
    out.append(bytes, sizeof bytes);
}

template <typename Integer>
Integer get_little_endian(const char* in) {
    Integer value;
    std::memcpy(&value, in, sizeof value);
    return value;
}

}  // namespace baton::storage
