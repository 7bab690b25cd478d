#pragma once
// Logging to standard error. Text from peers is escaped, so that a line stays a line.

#include <string>
#include <string_view>

namespace baton::daemon {

/// Makes the default logger. `level` is one of the option's values.
void set_up_logging(const std::string& level, bool json);

/// `text` with control characters, quotes and backslashes escaped as in JSON; cut at 8 KiB.
std::string escape_log_text(std::string_view text);

}  // namespace baton::daemon
