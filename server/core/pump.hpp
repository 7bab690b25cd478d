#pragma once
// Who of a queue's consumers would take messages now. Included by the core's sources only.

#include "server/core/delivery.hpp"

namespace baton::core {

struct Consumer;
struct Queue;

/// What the consumer has credit for, or what its first fetch asks for; nothing while it has no connection.
Want want_of(const Queue& queue, const Consumer& consumer);

}  // namespace baton::core
