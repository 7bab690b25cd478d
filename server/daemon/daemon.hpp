#pragma once
// The composition of the daemon: opens the store, starts engine, session and HTTP listener, waits for the signal to
// stop, and stops them in the order in which nothing is lost.

#include "server/daemon/exit_code.hpp"
#include "server/daemon/options.hpp"

namespace baton::daemon {

/// Runs until a stop signal (stop_signal.hpp, blocked before) or a failure. Prints the ready line on standard output.
ExitCode run_daemon(const CommandLine& command_line);

}  // namespace baton::daemon
