#pragma once
// Consumer sessions and the consumers in them. A session outlives its connection for its grace period, so that a short
// loss of the network gives no lease back.

#include "server/core/ids.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace baton::core {

struct Queue;

/// A fetch that waits for messages.
struct WaitingFetch {
    RequestId request{};
    std::uint32_t max_messages = 0;
    std::uint32_t max_bytes = 0;
    TimeMs deadline = 0;
    DurationMs lease_ms = 0;
};

struct Consumer {
    ConsumerId id{};
    SessionId session{};
    QueueId queue{};
    /// Value 0 while the session has no connection, or until it was re-declared on a new one.
    ConnectionId connection{};
    std::uint32_t credit_messages = 0;
    std::uint32_t credit_bytes = 0;
    std::uint64_t in_flight_messages = 0;
    std::uint64_t in_flight_bytes = 0;
    DurationMs lease_ms = 0;
    /// With failover the highest goes first.
    std::uint32_t priority = 0;
    std::string worker;
    /// Broker time; the first time, when it was declared again after a lost connection.
    TimeMs declared_at = 0;
    /// Messages in flight that are delivered alone: at most one.
    std::uint32_t isolated = 0;
    std::set<BatchNumber> batches;
    std::list<WaitingFetch> fetches;
};

struct Session {
    SessionId id{};
    ConnectionId connection{};
    /// Name and version of the program that said Hello last.
    std::string client;
    DurationMs grace_ms = 0;
    /// When the grace ends; 0 while connected.
    TimeMs ends_at = 0;
    std::map<ConsumerId, std::unique_ptr<Consumer>> consumers;
};

}  // namespace baton::core
