#pragma once
// The decoders of what says how failures are tried again: in queue settings, and in the options of a message.

#include "server/core/queue_settings.hpp"
#include "server/session/decode/bodies.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace baton::v1 {
class Backoff;
class RetryRules;
}  // namespace baton::v1

namespace baton::session {

/// `field` is how faults name it.
Fault decode_backoff(const v1::Backoff& from, const std::string& field, core::Backoff& out);
Fault decode_retry_rules(const v1::RetryRules& from, std::vector<core::RetryRule>& out);

/// Whether a field with this tag of an EntryOptions is one of these.
bool is_retry_option(std::uint64_t tag);
/// Decodes it, from behind its tag.
Fault decode_retry_option(std::uint64_t tag, std::string_view bytes, std::size_t& pos, core::EntryOptions& out);

}  // namespace baton::session
