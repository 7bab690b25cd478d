#pragma once
// The order in which messages of a queue ended, set by set, and how they leave a set again. Included by the core's
// sources only.

#include "server/core/finished.hpp"
#include "server/core/ids.hpp"
#include "server/core/message_record.hpp"

#include <cstdint>

namespace baton::core {

struct Queue;
struct Round;
struct State;

/// A message ended and its record goes to the set; `size` is what it counts for. Its record carries the number of the
/// batch, which is finished(set).counts.next before the call.
void add_finished(State& state, Queue& queue, FinishedSet set, Offset offset, std::uint32_t size, TimeMs now,
                  Round& round);
/// Writes what ended in this round.
void close_finished(State& state, Queue& queue, Round& round);
/// A message leaves the failed or the completed set by itself: retried or removed.
void leave_finished(State& state, Queue& queue, const MessageRecord& record, Round& round);
/// Everything in the set is gone.
void clear_finished(Queue& queue, FinishedSet set, Round& round);
/// What a message in the completed set counts for.
std::uint32_t completed_size(const MessageRecord& record);

/// A batch was closed at `at`: sees to it that retention looks when there is something to take out. retention.cpp
void arm_retention(State& state, Queue& queue, FinishedSet set, TimeMs at);
/// Takes out what is no longer to be kept, a bounded step at a time. retention.cpp
void run_retention(State& state, Queue& queue, TimeMs now, Round& round);
struct TrimStep;
struct FinishedRead;
void step_retention(State& state, Queue& queue, const TrimStep& step, FinishedRead&& found, TimeMs now, Round& round);

}  // namespace baton::core
