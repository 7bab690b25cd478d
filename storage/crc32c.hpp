#pragma once
// CRC-32C as RocksDB's log uses it, eight bytes a step: the scan of a full log must not be what a restart waits for.

#include <cstdint>
#include <string_view>

namespace baton::storage {

std::uint32_t crc32c(std::string_view bytes);

}  // namespace baton::storage
