#pragma once
// A message as it is shown to people: from its lane record, its chunk, or the lease that holds it. Included by the
// core's sources only.

#include "server/core/chunk.hpp"
#include "server/core/effect.hpp"
#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"

#include <cstdint>

namespace baton::core {

struct LeaseBatch;
struct Queue;
struct State;

StoredMessage shown(const MessageRecord& record, MessageState state);
/// A message of the plain lane; `chunk` has it.
StoredMessage shown(const Queue& queue, const ChunkPtr& chunk, Offset offset, MessageState state);
/// Adds what only its lease knows: deadline, counters, attempts.
void add_lease(StoredMessage& message, const LeaseBatch& batch, std::uint32_t position);

/// Says by name from which topics they are, as far as these exist.
void name_topics(State& state, MessageList& list);

}  // namespace baton::core
