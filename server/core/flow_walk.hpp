#pragma once
// One action on all jobs of a flow: they are gathered first, flow by flow, then acted on a slice at a time by the
// requests that a client would make. In memory only: who lost the answer asks again, and what was done is not done
// twice. Included by the core's sources only.

#include "server/core/effect.hpp"
#include "server/core/ids.hpp"
#include "server/core/request.hpp"

#include <cstdint>

namespace baton::core {

struct Round;
struct State;

void apply_act_on_flow(State& state, Request&& request, TimeMs now, Round& round);
/// One slice of each walk that is due.
void run_flow_walks(State& state, TimeMs now, Round& round);
/// A round ends: the next slices are due.
void end_walk_round(State& state, TimeMs now);
/// The answer to a request that a walk made.
void flow_walk_answered(State& state, std::uint64_t walk, ReplyBody&& body, TimeMs now, Round& round);

}  // namespace baton::core
