#pragma once
// What is on disk of a queue, a topic or a subscription as such. Plain values.

#include "server/core/ids.hpp"
#include "server/core/queue_settings.hpp"
#include "server/core/selection.hpp"
#include "server/core/topic.hpp"

#include <string>

namespace baton::core {

/// Name, profile and settings of a queue.
struct PutQueue {
    NamespaceId ns{};
    QueueId id{};
    std::string name;
    Profile profile = Profile::message;
    TimeMs created_at = 0;
    QueueSettings settings;
    QueueKind kind = QueueKind::queue;
    TopicSettings keeps = {};
    /// Of a subscription.
    QueueId topic{};
    bool hold = false;
    /// Of a subscription with a pattern or a filter, else null.
    SelectionPtr selects = nullptr;
    /// Of a subscription of one topic: where it began there.
    Offset began = 0;
};
/// Takes the queue's record and state at once; its messages are swept by SweepQueue.
struct RemoveQueue {
    NamespaceId ns{};
    QueueId id{};
};
/// Deletes every chunk, page, lane record, lease and producer of a deleted queue (ranges, cheap).
struct SweepQueue {
    NamespaceId ns{};
    QueueId id{};
};

}  // namespace baton::core
