#pragma once
// The wire form of message options (EntryOptions).

#include "baton/message.hpp"

#include <string>

namespace baton::detail {

/// Appends the fields of an EntryOptions.
void put_message_options(std::string& out, const MessageOptions& options);

}  // namespace baton::detail
