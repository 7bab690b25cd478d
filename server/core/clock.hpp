#pragma once
// The virtual clock's part in the core: requests to move it, one under way at a time. Included by the core's sources
// only.

#include "server/core/ids.hpp"
#include "server/core/request.hpp"

namespace baton::core {

struct Round;
struct State;

/// A request to move the virtual clock; the first of them is under way.
struct ClockAdvance {
    Request origin;
    /// 0 until it is under way.
    TimeMs target = 0;
};

void apply_clock_request(State& state, Request&& request, TimeMs now, Round& round);
/// Answers the advance under way once nothing is left to do at its end.
void finish_advance(State& state, TimeMs now, Round& round);

}  // namespace baton::core
