#pragma once
// Who consumes a queue: the request that asks, and what is told of each consumer. Plain values, and the one behaviour.

#include "server/core/ids.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton::core {

struct Request;
struct Round;
struct State;

/// Consumers are told in this order, which does not change while they are there.
struct ConsumerPlace {
    SessionId session{};
    ConsumerId consumer{};
    auto operator<=>(const ConsumerPlace&) const = default;
};

struct ListConsumers {
    std::string queue;
    /// Absent: from the first on.
    std::optional<ConsumerPlace> after;
    std::uint32_t limit = 100;
};

struct ConsumerInfo {
    ConsumerPlace place;
    /// What it called itself, and what its client did in Hello.
    std::string worker, client;
    /// Value 0 while it is away: the connection was lost, or the session is resumed and it was not declared again yet.
    ConnectionId connection{};
    /// While the connection is lost: when the session ends, and what the consumer holds goes back; else 0.
    TimeMs session_ends_at = 0;
    TimeMs declared_at = 0;
    std::uint32_t credit_messages = 0, credit_bytes = 0;
    std::uint64_t in_flight_messages = 0, in_flight_bytes = 0;
    std::uint32_t waiting_fetches = 0;
    /// Of what is pushed to it: its own, or the queue's.
    DurationMs lease_ms = 0;
};

struct ConsumerList {
    std::vector<ConsumerInfo> consumers;
    /// There are more behind this one.
    std::optional<ConsumerPlace> next;
    /// Broker time of the answer.
    TimeMs now = 0;
};

void apply_list_consumers(State& state, const Request& request, TimeMs now, Round& round);

}  // namespace baton::core
