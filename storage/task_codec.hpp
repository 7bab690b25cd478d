#pragma once
// Background tasks <-> bytes.

#include "server/core/bulk_task.hpp"
#include "storage/keys.hpp"

#include <string>
#include <string_view>

namespace baton::storage {

std::string encode(const core::PutTask& record);
core::PutTask decode_task(const ParsedKey& key, std::string_view value);

}  // namespace baton::storage
