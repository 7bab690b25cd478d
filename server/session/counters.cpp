#include "server/session/counters.hpp"

namespace baton::session {

ServerCounters AtomicCounters::snapshot() const {
    ServerCounters to;
    to.connections = connections.load(std::memory_order_relaxed);
    to.connections_total = connections_total.load(std::memory_order_relaxed);
    to.connections_refused = connections_refused.load(std::memory_order_relaxed);
    to.frames_in = frames_in.load(std::memory_order_relaxed);
    to.bytes_in = bytes_in.load(std::memory_order_relaxed);
    to.bytes_out = bytes_out.load(std::memory_order_relaxed);
    to.protocol_errors = protocol_errors.load(std::memory_order_relaxed);
    to.timed_out = timed_out.load(std::memory_order_relaxed);
    to.overflowed = overflowed.load(std::memory_order_relaxed);
    to.out_bytes = out_bytes.load(std::memory_order_relaxed);
    return to;
}

}  // namespace baton::session
