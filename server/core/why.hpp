#pragma once
// Finds what stands between messages and their delivery. Reads state only; nothing is kept for it. Included by the
// core's sources only.

#include "server/core/ids.hpp"
#include "server/core/why_request.hpp"

#include <vector>

namespace baton::core {

struct FoundJob;
struct Queue;
struct Request;
struct Round;
struct State;

void apply_why_queue(State& state, Request&& request, TimeMs now, Round& round);
/// Answers for one message that was looked up.
void explain_job(const State& state, const Queue& queue, const Request& request, const FoundJob& job, TimeMs now,
                 Round& round);

}  // namespace baton::core
