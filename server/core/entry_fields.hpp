#pragma once
// What a stored entry says of itself beside its payload, read where it lies. Entries were checked when they came in
// (session/decode), so that what does not parse here has simply no such field.

#include "server/core/entry_run.hpp"

#include <optional>
#include <string_view>

namespace baton::core {

/// The name of the one entry of this run; empty when it has none, or there is no entry.
std::string_view entry_name(const EntryRun& entry);
/// Nothing but perhaps a name and headers. False for what is no entry.
bool has_empty_payload(const EntryRun& entry);
/// Whether some header of the entry has this key and value.
bool entry_has_header(const EntryRun& entry, std::string_view key, std::string_view value);
/// The value of the first header with this key.
std::optional<std::string_view> entry_header(const EntryRun& entry, std::string_view key);

}  // namespace baton::core
