#pragma once
// What the session layer counts, for metrics. Counted on the I/O thread, read by any.

#include <atomic>
#include <cstdint>

namespace baton::session {

struct ServerCounters {
    std::uint64_t connections = 0, connections_total = 0, connections_refused = 0;
    std::uint64_t frames_in = 0, bytes_in = 0, bytes_out = 0;
    /// Connections ended for a bad frame, silence, or since they did not read.
    std::uint64_t protocol_errors = 0, timed_out = 0, overflowed = 0;
    std::uint64_t out_bytes = 0;
};

struct AtomicCounters {
    std::atomic<std::uint64_t> connections{0}, connections_total{0}, connections_refused{0}, frames_in{0}, bytes_in{0},
        bytes_out{0}, protocol_errors{0}, timed_out{0}, overflowed{0}, out_bytes{0};

    ServerCounters snapshot() const;
};

}  // namespace baton::session
