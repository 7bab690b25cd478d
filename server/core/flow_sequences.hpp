#pragma once
// A flow that comes again after a lost answer: each queue that it adds messages to remembers its part, as it does of a
// produce. Included by the core's sources only.

#include "server/core/effect.hpp"
#include "server/core/flow_request.hpp"
#include "server/core/ids.hpp"
#include "server/core/refusal.hpp"

#include <optional>
#include <string>

namespace baton::core {

struct Round;
struct State;

/// A request with a producer names every queue of its nodes once.
std::optional<Refusal> check_sequences(const AddFlow& add);
/// The answer to one that was stored before, or that can no longer be judged. Its queues are there.
std::optional<ReplyBody> remembered_flow(State& state, const std::string& ns, const AddFlow& add, TimeMs now);
/// It was stored, these are its messages.
void remember_flow(State& state, const std::string& ns, const AddFlow& add, const FlowAdded& added, TimeMs now,
                   Round& round);

}  // namespace baton::core
