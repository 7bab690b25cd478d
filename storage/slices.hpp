#pragma once
// Bytes as RocksDB names them and as the project does. Neither owns what it shows.

#include "storage/keys.hpp"

#include <rocksdb/slice.h>

#include <string_view>

namespace baton::storage {

inline rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline rocksdb::Slice slice(const Key& key) { return slice(key.view()); }
inline std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace baton::storage
