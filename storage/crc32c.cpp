#include "storage/crc32c.hpp"

#include "storage/byte_order.hpp"

#include <array>
#include <cstddef>

namespace baton::storage {

namespace {

constexpr std::uint32_t reversed_polynomial = 0x82F63B78;
constexpr std::size_t step_bytes = 8;
using Tables = std::array<std::array<std::uint32_t, 256>, step_bytes>;

constexpr Tables make_tables() {
    Tables tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? reversed_polynomial : 0);
        }
        tables[0][byte] = crc;
    }
    for (std::size_t i = 1; i < step_bytes; ++i) {
        for (std::uint32_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t before = tables[i - 1][byte];
            tables[i][byte] = (before >> 8) ^ tables[0][before & 0xFF];
        }
    }
    return tables;
}

constexpr Tables tables = make_tables();

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (; bytes.size() >= step_bytes; bytes.remove_prefix(step_bytes)) {
        const std::uint64_t word = get_little_endian<std::uint64_t>(bytes.data()) ^ crc;
        crc = 0;
        for (std::size_t i = 0; i < step_bytes; ++i) {
            crc ^= tables[step_bytes - 1 - i][(word >> (8 * i)) & 0xFF];
        }
    }
    for (const char byte : bytes) {
        crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<std::uint8_t>(byte)) & 0xFF];
    }
    return ~crc;
}

}  // namespace baton::storage
