#pragma once
// Completed messages of a queue that keeps them: when they ran, by whom, with which result, and their bodies while they
// are small. Included by the core's sources only.

#include "server/core/finished.hpp"
#include "server/core/ids.hpp"
#include "server/core/lease_table.hpp"
#include "server/core/message_record.hpp"

#include <string>

namespace baton::core {

struct Queue;
struct Round;
struct State;

/// Something of completed messages must be looked at in their chunk: a body to keep, or whose children they are.
bool keeps_completed_bodies(const Queue& queue);
/// This one must be; its chunk must then be in memory when it is acked.
bool wants_completed_body(const Queue& queue, const LeasedRun& run, Offset offset);
/// Messages of one leased run are being acked; they are still where they were.
void keep_completed_run(State& state, Queue& queue, const LeaseBatch& batch, const LeasedRun& run,
                        const OffsetRange& range, const JobResultPtr& result, TimeMs now, Round& round);
/// One message that no lease holds any more is acked late.
void keep_completed_late(State& state, Queue& queue, const MessageRecord& record, const JobResultPtr& result,
                         TimeMs now, Round& round);

}  // namespace baton::core
