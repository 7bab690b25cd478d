#pragma once
// SIGINT and SIGTERM as a question, for commands that settle what they hold before they end. Process-wide; the second
// signal ends the process at once.

namespace baton::cli {

void catch_stop_signals();
bool stop_asked();

}  // namespace baton::cli
