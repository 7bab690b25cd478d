#include "storage/checksums.hpp"

#include <xxhash.h>

namespace baton::storage {

std::uint64_t checksum(std::string_view bytes, std::uint64_t seed) {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::uint32_t entry_checksum(std::string_view wire) {
    return static_cast<std::uint32_t>(XXH3_64bits(wire.data(), wire.size()));
}

}  // namespace baton::storage
