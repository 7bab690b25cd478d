#pragma once
// How much a queue may deliver now, and what holds it back otherwise: pause, penalty, rate and concurrency in one
// place. Asked by the pump for each delivery; free for a queue without limits.

#include "server/core/ids.hpp"

#include <cstdint>
#include <vector>

namespace baton::core {

struct Queue;
struct Round;
struct State;

/// What holds a queue back. Sent on the wire: do not change these values.
enum class Hold : std::uint8_t {
    none = 0,
    paused = 1,
    paused_until = 2,
    penalty = 3,
    rate = 4,
    in_flight = 5,
    /// What may have been delivered before the restart counts as in flight until its grace ends.
    restart = 6,
    /// Of a group in strict order: its first message waits to be tried again.
    retry = 70,
};

struct Allowance {
    std::uint64_t messages = UINT64_MAX;
    Hold hold = Hold::none;
    /// When that ends; 0 = by no timer: it is told to go on, or something is settled.
    TimeMs until = 0;
};

Allowance allowance_of(const Queue& queue, TimeMs now);
/// Everything that holds the queue back, where the allowance tells the first only.
std::vector<Allowance> holds_of(const Queue& queue, TimeMs now);
/// Messages were delivered: they cost permits.
void spend_permits(Queue& queue, std::uint64_t messages, TimeMs now);
/// Nothing is delivered for this long from now, or for the rest of a longer penalty; 0 ends it.
void penalise(State& state, Queue& queue, DurationMs penalty_ms, TimeMs now, Round& round);
/// Pumps when the time has come that the queue was held back to, else sees to it that it is not forgotten.
void end_hold(State& state, Queue& queue, TimeMs now);

}  // namespace baton::core
