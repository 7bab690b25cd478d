#pragma once
// Builds entries in the bytes that a producer sends, by way of the generated protobuf code, and takes delivered ones
// apart again.

#include "server/core/entry_run.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baton::tests {

struct EntrySpec {
    std::string payload;
    std::string name;
    std::vector<std::pair<std::string, std::string>> headers;
};

/// The specs as adjacent entries of one buffer, with bounds and checksums, as the session layer hands them over.
core::EntryRun make_entries(const std::vector<EntrySpec>& specs);
/// Entries that have nothing but a payload.
core::EntryRun make_entries(const std::vector<std::string>& payloads);

/// The wire bytes of entry `i` of the run, tag and length included.
std::string_view wire_of(const core::EntryRun& run, std::uint32_t i);
/// The payload of entry `i`; aborts the test when the bytes are no entry.
std::string_view payload_of(const core::EntryRun& run, std::uint32_t i);
std::vector<std::string> payloads_of(const core::EntryRun& run);
std::uint32_t largest_entry_bytes(const core::EntryRun& run);

}  // namespace baton::tests
