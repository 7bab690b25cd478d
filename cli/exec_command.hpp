#pragma once
// Runs a shell command with a message on its standard input, for `consume --exec`.

#include <string>
#include <string_view>

namespace baton::cli {

struct ExecResult {
    /// The command's exit code; 128 + signal when it was killed, 127 when it could not be started.
    int code = 0;
    /// The last line that it wrote to standard error, cut at 4 KiB.
    std::string last_error_line;
};

/// Blocks until the command ends. Its standard output is the caller's.
ExecResult exec_with_input(const std::string& command, std::string_view input);

}  // namespace baton::cli
