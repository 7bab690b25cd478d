#pragma once
// Appending to the event log of a queue, trimming it, and those who follow it. Included by the core's sources only.

#include "server/core/event.hpp"
#include "server/core/event_request.hpp"
#include "server/core/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton::core {

struct Queue;
struct Request;
struct Round;
struct State;

/// One who follows the events of a queue; owned by the state, lives at most as long as its connection.
struct EventStream {
    ConnectionId connection{};
    std::uint64_t id = 0;
    QueueId queue{};
    std::uint64_t next_seq = 0;
    std::uint32_t types = 0;
    std::optional<Offset> offset;
    std::uint64_t credit = 0;
    /// Chunks are being read for it.
    bool reading = false;
    /// It was told that it has everything.
    bool told_caught_up = false;
};

/// The log as memory has it.
struct EventLog {
    EventCounts counts;
    /// What happened in this round; numbered when it is sealed.
    std::vector<Event> open;
    std::vector<EventStream*> streams;
    bool trimming = false;
    TimeMs trim_from = 0;
    /// Messages were acked in this round.
    bool acked = false;
};

/// Notes what happened, when the queue keeps events: `count` messages from `first`, or the queue itself with 0.
void add_event(State& state, Queue& queue, EventType type, Offset first, std::uint32_t count, Round& round,
               EventDetailPtr detail = nullptr);
EventDetailPtr event_text(std::string text);
/// Numbers and writes what happened in this round, and sends it to those who follow and have everything before it.
void close_events(State& state, Queue& queue, TimeMs now, Round& round);
/// Takes out what is no longer to be kept, a bounded step at a time.
void run_event_retention(State& state, Queue& queue, TimeMs now, Round& round);
void step_event_retention(State& state, Queue& queue, EventsRead&& found, TimeMs now, Round& round);

// event_streams.cpp
void apply_event_request(State& state, Request&& request, TimeMs now, Round& round);
/// Sends what there is and may be sent; reads it first where it is on disk only.
void pump_stream(State& state, Queue& queue, EventStream& stream, Round& round);
void events_arrived(State& state, ConnectionId connection, std::uint64_t stream, EventsRead&& found, Round& round);
/// A chunk was just appended: sent at once to those who have everything before it.
void send_appended(State& state, Queue& queue, const EventChunk& chunk, Round& round);
/// The connection is gone.
void drop_streams(State& state, ConnectionId connection);
/// The queue is gone.
void close_streams(State& state, Queue& queue, Round& round);

}  // namespace baton::core
