#pragma once
// Requests that name messages by the ids that their producers gave them: turned into offsets first. Included by the
// core's sources only.

#include "server/core/ids.hpp"
#include "server/core/request.hpp"

namespace baton::core {

struct Queue;
struct Round;
struct State;

/// The offset of the one message that a request names.
Offset& named_offset(RequestBody& body);
/// False: the request was answered, or parked until the index of names is read.
bool find_by_id(State& state, Queue& queue, Request& request, Round& round);

}  // namespace baton::core
