#pragma once
// What this process uses: for `baton ping`, the metrics and the benchmarks.

#include <cstdint>

namespace baton::daemon {

struct ProcessFacts {
    std::uint64_t pid = 0;
    /// User and system time so far.
    double cpu_seconds = 0;
    std::uint64_t rss_bytes = 0;
    std::uint64_t open_files = 0;
};
/// `with_files` counts the open descriptors too, which walks a directory.
ProcessFacts process_facts(bool with_files);

/// Allows as many open files as the system lets this process have.
void raise_open_files_limit();

}  // namespace baton::daemon
