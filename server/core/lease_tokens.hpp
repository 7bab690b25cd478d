#pragma once
// Fencing: whether a token holds a message, and when it does not, why. Included by the core's sources only.

#include "server/core/ids.hpp"
#include "server/core/refusal.hpp"

namespace baton::core {

struct LeaseBatch;
struct Queue;
struct State;

/// The batch that the token names, or null. One of before a restart that left no record names what is held for it.
LeaseBatch* batch_of(const State& state, Queue& queue, const Token& token);
bool token_holds(const Queue& queue, const LeaseBatch& batch, const Token& token, Offset offset);
/// Why it holds the message no longer, or never did.
RefusalCode why_not_held(const State& state, Queue& queue, const Token& token, Offset offset);
/// A token that an earlier start can have given out for this message.
bool given_before_restart(const State& state, const Queue& queue, const Token& token, Offset offset);

}  // namespace baton::core
