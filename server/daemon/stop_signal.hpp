#pragma once
// SIGTERM and SIGINT: the first one asks for a clean stop, a second one ends the process at once.

namespace baton::daemon {

/// Blocks the signals in this thread and all threads made by it; SIGPIPE is ignored. First thing in main().
void block_stop_signals();
/// Waits for the first signal and returns its number; from then on the next one ends the process with 128 + its number.
int wait_for_stop_signal();

}  // namespace baton::daemon
