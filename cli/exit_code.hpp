#pragma once
// What `baton` ends with, by kind of error: scripts can tell "not there" from "not reachable".

#include "baton/error.hpp"

#include <stdexcept>

namespace baton::cli {

enum class ExitCode : int {
    ok = 0,
    /// Anything not named below.
    failed = 1,
    not_found = 3,
    conflict = 4,
    /// The server refused for now: full, busy, shutting down.
    refused = 5,
    /// Also a `consume -n N` that ended with fewer than N messages.
    timed_out = 6,
    /// The server finds the request invalid: a name, a setting, a message too large.
    invalid = 7,
    /// The command line cannot be understood; nothing was asked of a server.
    usage = 64,
    /// The input file or the output could not be read or written.
    input = 66,
    unreachable = 69,
};

/// The input or the output could not be read or written.
class InputError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// One line a code, for `baton --help`.
extern const char* const exit_code_table;

ExitCode exit_code_of(ErrorCode code);

}  // namespace baton::cli
