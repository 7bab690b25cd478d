#pragma once
// One queue as `show` describes it.

#include "server/core/allowance.hpp"
#include "server/core/ids.hpp"
#include "server/core/message_filter.hpp"
#include "server/core/mutation.hpp"
#include "server/core/queue_settings.hpp"
#include "server/core/topic.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace baton::core {

struct QueueInfo {
    std::string name;
    QueueId id{};
    Profile profile{};
    TimeMs created_at = 0;
    QueueSettings settings;
    std::uint64_t waiting = 0, delayed = 0, leased = 0, failed = 0, live_bytes = 0;
    DurationMs oldest_waiting_ms = 0;
    /// Ready with a priority, or to go in front; not part of `waiting`.
    std::uint64_t prioritized = 0;
    /// Ready in their groups; not part of `waiting`. How many groups memory knows to have some, and whether that is
    /// all.
    std::uint64_t grouped = 0, groups = 0;
    bool groups_known = true;
    /// Parents of flows.
    std::uint64_t waiting_children = 0;
    /// The completed set.
    std::uint64_t completed = 0, completed_bytes = 0;
    /// The event log: the oldest event that is kept, and the next one.
    std::uint64_t first_event = 1, next_event = 1;
    std::uint32_t consumers = 0;
    QueueTotals totals;
    /// Why nothing is delivered now, whatever waits; and until when, 0 = open.
    Hold hold = Hold::none;
    TimeMs held_until = 0;
    QueueKind kind = QueueKind::queue;
    /// Of a topic: what it keeps, the oldest offset that it has, and how many subscriptions. Of both: the next offset.
    TopicSettings keeps = {};
    Offset first = 0, end = 0;
    std::uint32_t subscriptions = 0;
    /// Of a topic: how many messages it has.
    std::uint64_t messages = 0;
    /// Of a subscription.
    std::string topic = {};
    bool holds = false;
    /// Of a subscription that selects; `topic` is its pattern.
    MessageFilterPtr filter = nullptr;
    /// The past of some topic is still looked through for it, there may be more than is counted; or not all of what
    /// compaction took out before it is known to it.
    bool estimated = false;
};
/// Behind a pointer: it is rare and large, and every effect of a round would be as large as the largest kind.
using QueueInfoPtr = std::shared_ptr<const QueueInfo>;

}  // namespace baton::core
