#pragma once
// A client as it sees itself: its connection and session, its consumers with the batches they hold, its producers with
// the produces that are not answered. It learns only from effects that reach its live connection. Plain values.

#include "server/core/effect.hpp"
#include "server/core/request.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace baton::simulation {

struct HeldMessage {
    core::Token token;
    core::Offset offset = 0;
    std::uint64_t consumer = 0;
};

struct SimConsumer {
    std::string queue;
    std::uint32_t credit = 0;
    core::DurationMs lease_ms = 0;
    bool open = false;
    std::uint64_t fetch_open = 0;
};

struct SimProducer {
    std::uint64_t id = 0;
    core::TimeMs created_at = 0;
    std::uint64_t last_sequence = 0;
    /// By sequence; repeated after a reconnect.
    std::map<std::uint64_t, core::Produce> unanswered;

    std::uint64_t acked_through() const { return unanswered.empty() ? last_sequence : unanswered.begin()->first - 1; }
};

struct SimClient {
    std::uint64_t number = 0;
    core::ConnectionId connection{};
    core::SessionId session{};
    bool connected = false;
    /// The session was opened on this connection.
    bool ready = false;
    std::uint64_t next_request = 1;
    std::map<std::uint64_t, SimConsumer> consumers;
    std::map<std::string, SimProducer> producers;
    std::vector<HeldMessage> held;
    /// Tokens that were settled or given up: to be tried again later.
    std::vector<HeldMessage> stale;
    /// Settles that are not answered, by request: repeated after a reconnect by some.
    std::map<std::uint64_t, core::Settle> settles;
    /// Produces in flight, by request: producer's queue and sequence.
    std::map<std::uint64_t, std::pair<std::string, std::uint64_t>> produces;
};

}  // namespace baton::simulation
