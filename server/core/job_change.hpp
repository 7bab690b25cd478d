#pragma once
// Changing a message that nobody holds: its priority, its turn within it, or when it is due. Included by the core's
// sources only.

#include "server/core/job_lookup.hpp"
#include "server/core/refusal.hpp"
#include "server/core/request.hpp"

#include <optional>

namespace baton::core {

/// What of the change itself is not allowed.
std::optional<Refusal> check_change(const ChangeJob& change, const Queue& queue);
/// Refuses a message that is leased or over.
std::optional<Refusal> check_changeable(const FoundJob& job);
/// Changes a message that check_changeable() let pass.
void change_found(State& state, Queue& queue, const ChangeJob& change, FoundJob&& job, TimeMs now, Round& round);

}  // namespace baton::core
