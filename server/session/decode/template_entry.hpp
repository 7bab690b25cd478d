#pragma once
// The entry and options that a request holds for later: one message, checked as those of a produce are, with a copy of
// its bytes of its own.

#include "server/core/request.hpp"
#include "server/session/decode/bodies.hpp"

#include <string>
#include <string_view>

namespace baton::session {

/// `body` is an Entry without tag and length; `field` names it in a fault.
Fault template_entry(std::string_view body, const std::string& field, core::EntryRun& out);
/// The wire bytes of an EntryOptions. (entry_options.cpp)
Fault decode_template_options(std::string_view bytes, core::EntryOptions& out);

}  // namespace baton::session
