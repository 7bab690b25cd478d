// A queue as it is shown.
#include "server/core/queue_info.hpp"

#include "server/core/allowance.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

namespace {

TimeMs oldest_ready(const Queue& queue) {
    TimeMs oldest = INT64_MAX;
    if (!queue.waiting_again.empty()) {
        oldest = std::min(oldest, queue.waiting_again.begin()->second);
    }
    if (queue.lane.has_ready()) {
        oldest = std::min(oldest, queue.lane.ready().begin()->second.ready_at);
    }
    if (!queue.prioritized.records().empty()) {
        oldest = std::min(oldest, queue.prioritized.records().begin()->second.ready_at);
    }
    if (queue.groups) {
        oldest = std::min(oldest, queue.groups->ring.oldest_ready());
    }
    if (const ChunkPtr chunk = queue.window.resident(queue.acks.next_clear(queue.next))) {
        oldest = std::min(oldest, chunk->stored_at);
    } else if (!queue.appended.empty()) {
        oldest = std::min(oldest, queue.appended.front().stored_at);
    }
    return oldest;
}

}  // namespace

QueueInfo info_of(const Queue& queue, TimeMs now) {
    QueueInfo info;
    info.name = queue.name;
    info.id = queue.id;
    info.profile = queue.profile;
    info.created_at = queue.created_at;
    info.settings = queue.settings;
    info.waiting = queue.waiting_count() - queue.prioritized_waiting() - queue.grouped_waiting();
    info.grouped = queue.grouped_waiting();
    if (queue.groups) {
        info.groups = queue.groups->ring.known();
        info.groups_known = queue.groups->ring.whole();
    }
    info.prioritized = queue.prioritized_waiting();
    info.delayed = queue.delayed_count();
    info.leased = queue.leased_count();
    info.failed = queue.failed_count;
    info.waiting_children = queue.flows.waiting;
    info.first_event = queue.events.counts.head;
    info.next_event = queue.events.counts.next;
    info.completed = queue.completed.counts.messages;
    info.completed_bytes = queue.completed.counts.bytes;
    info.live_bytes = queue.live_bytes;
    info.consumers = static_cast<std::uint32_t>(queue.consumers.size());
    info.totals = queue.totals;
    const Allowance allowed = allowance_of(queue, now);
    info.hold = allowed.hold;
    info.held_until = allowed.until;
    info.kind = queue.kind;
    info.keeps = queue.keeps;
    info.first = queue.acks.low();
    info.end = queue.end;
    info.subscriptions = static_cast<std::uint32_t>(queue.subscriptions.size() + queue.filtering.size());
    info.topic = queue.topic != nullptr ? queue.topic->name : "";
    if (queue.selects) {
        info.topic = queue.selects->pattern;
        info.filter = queue.selects->filter;
        info.estimated = !queue.references->fills.empty();
    }
    info.holds = queue.hold;
    if (queue.kind == QueueKind::topic) {
        info.waiting = 0;  // What it keeps waits for nobody.
        info.messages = queue.plain_unsettled() - queue.holes.messages;
        return info;
    }
    // Only once it comes to them its cursor knows of them.
    info.waiting -= std::min(info.waiting, queue.holes.messages);
    info.live_bytes -= std::min(info.live_bytes, queue.holes.bytes);
    info.estimated = info.estimated || queue.holes.messages != 0;
    const TimeMs oldest = queue.waiting_count() == 0 ? INT64_MAX : oldest_ready(queue);
    info.oldest_waiting_ms = oldest == INT64_MAX || oldest == 0 ? 0 : std::max<DurationMs>(0, now - oldest);
    return info;
}

}  // namespace baton::core
