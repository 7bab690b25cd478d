// Time to live: a message that was not settled in time is gone, or goes to the dead-letter queue. Never delivered
// after.
#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

TimeMs expiry_of(const Queue& queue, TimeMs ready_at, const MetaPtr& meta) {
    const TimeMs by_queue = queue.settings.message_ttl_ms != 0 ? ready_at + queue.settings.message_ttl_ms : 0;
    const TimeMs own = meta ? meta->expires_at : 0;
    if (by_queue == 0 || own == 0) {
        return std::max(by_queue, own);
    }
    return std::min(by_queue, own);
}

void expire_plain(State& state, Queue& queue, const ChunkPtr& chunk, Offset offset, TimeMs now, Round& round) {
    MessageRecord record;
    record.offset = offset;
    record.ready_at = record.stored_at = chunk->stored_at;
    auto meta = std::make_shared<MessageMeta>();
    if (const MetaPtr known = chunk->parting_meta_of(offset)) {
        *meta = *known;
    }
    if (const auto returned = queue.returned.find(offset); returned != queue.returned.end()) {
        meta->counters = returned->second.counters;
        meta->attempts = returned->second.attempts;
    }
    record.meta = std::move(meta);
    record.body = chunk->at(offset);
    leave_plain(state, queue, offset, 1, round);
    move_out(state, queue, std::move(record), EndReason::expired, now, round);
}

namespace {

constexpr int slice = 4'096;

/// What came back waits in front of the rest, by the time to live of its queue.
void expire_again(State& state, Queue& queue, TimeMs now, Round& round) {
    const DurationMs by_queue = queue.settings.message_ttl_ms;
    for (int n = 0; n < slice && by_queue != 0 && !queue.waiting_again.empty(); ++n) {
        const auto [offset, ready_at] = *queue.waiting_again.begin();
        if (ready_at + by_queue > now) {
            state.arm(queue, ready_at + by_queue);
            return;
        }
        const ChunkPtr chunk = queue.window.resident(offset);
        if (!chunk) {
            state.read_chunks(queue, offset, std::nullopt, round);
            return;
        }
        if (expiry_of(queue, chunk->stored_at, chunk->meta_of(offset)) > now) {
            queue.waiting_again.begin()->second = chunk->stored_at;  // A restart did not know it.
            state.arm(queue, chunk->stored_at + by_queue);
            return;
        }
        queue.waiting_again.erase(offset);
        expire_plain(state, queue, chunk, offset, now, round);
    }
}

}  // namespace

void expire_head(State& state, Queue& queue, TimeMs now, Round& round) {
    if (queue.kind == QueueKind::topic) {
        return;  // Each subscription looks at its own; what the topic keeps is its retention's.
    }
    expire_again(state, queue, now, round);
    for (int n = 0; n < slice; ++n) {
        const Offset head = queue.acks.next_clear(queue.next);
        if (head >= queue.end) {
            return;
        }
        const ChunkPtr chunk = queue.window.resident(head);
        if (!chunk) {
            if (queue.settings.message_ttl_ms != 0) {
                state.read_chunks(queue, head, std::nullopt, round);
            }
            return;
        }
        const TimeMs expires = expiry_of(queue, chunk->stored_at, chunk->meta_of(head));
        if (expires == 0) {
            return;
        }
        if (expires > now) {
            state.arm(queue, expires);
            return;
        }
        queue.next = head + 1;
        expire_plain(state, queue, chunk, head, now, round);
    }
    state.arm(queue, now);
}

}  // namespace baton::core
