#pragma once
// Requests that name messages by the ids that their producers gave them: turned into offsets first. Included by the
// core's sources only.

#include "server/core/ids.hpp"
#include "server/core/own_ids.hpp"
#include "server/core/refusal.hpp"
#include "server/core/request.hpp"

#include <string>
#include <utility>
#include <vector>

namespace baton::core {

struct Queue;
struct Round;
struct State;

/// The offset of the one message that a request names.
Offset& named_offset(RequestBody& body);
/// False: the request was answered, or parked until the index of names is read.
bool find_by_id(State& state, Queue& queue, Request& request, Round& round);
/// A refusal of the one message that a request names, in the terms in which it named it.
Refusal as_named(const RequestBody& body, Refusal&& refusal);
/// Takes the refusals of messages that were named by their ids out of `refused`: they are told by these.
void tell_by_id(OwnIds& own, std::vector<std::pair<Offset, Refusal>>& refused);

}  // namespace baton::core
