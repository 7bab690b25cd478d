#pragma once
// How a person names a message of a queue: its offset, or its id "<queue_id>-<offset>".

#include <cstdint>
#include <string>
#include <vector>

namespace baton::cli {

/// Throws std::invalid_argument when the text is neither.
std::uint64_t offset_of(const std::string& text);
std::vector<std::uint64_t> offsets_of(const std::vector<std::string>& texts);

}  // namespace baton::cli
