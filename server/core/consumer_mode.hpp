#pragma once
// Which of a queue's consumers may have messages. Included by the core's sources only.

namespace baton::core {

struct Consumer;
struct Queue;

/// False for all but the active consumer of a queue with failover. The next one becomes active when the one before it
/// has no connection any more, and gets something once nothing is in flight anywhere else: what was delivered before is
/// done, or has come back to its place.
bool may_have_messages(const Queue& queue, const Consumer& consumer);

}  // namespace baton::core
