#include "server/core/key_shared.hpp"

#include "server/core/attempt_history.hpp"
#include "server/core/settling.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace baton::core {

namespace {

/// None when the message has no key.
GroupId key_in(const Chunk& chunk, Offset offset) {
    const MetaPtr meta = chunk.meta_of(offset);
    return has_group(meta) ? meta->group->id : GroupId{};
}

}  // namespace

void key_settings_changed(Queue& queue) {
    const bool strict = queue.settings.groups.order == GroupOrder::strict;
    if (queue.settings.consumer_mode != ConsumerMode::key_shared) {
        queue.keys.reset();
    } else if (queue.keys) {
        queue.keys->set_strict(strict);
    } else {
        queue.keys = std::make_unique<KeyTurns>(strict);
        for (const auto& [offset, stored_at] : queue.waiting_again) {
            queue.keys->wait_unread(offset);  // Set aside when it had the mode before.
        }
    }
}

std::optional<Refusal> check_mode_change(const Queue& queue, const QueueSettings& after) {
    const bool by_key = after.consumer_mode == ConsumerMode::key_shared;
    const bool idle = queue.leased_count() == 0 && queue.returned.empty() && queue.moving.empty() &&
                      queue.timed_count == 0 && queue.prioritized_count == 0;
    if (by_key == (queue.keys != nullptr) || idle) {
        return std::nullopt;
    }
    return invalid("settings.consumer_mode",
                   "consumer_mode can become key_shared, or another again, only while nothing is in flight or waits to "
                   "be tried again");
}

void wake_keys(State& state, Queue& queue, TimeMs now) {
    if (!queue.keys) {
        return;
    }
    const bool woken = queue.keys->wake(now);
    if (woken || queue.keys->looking) {
        state.pump_later(queue);
    }
    if (woken) {
        subscription_advanced(state, queue);  // Its topic kept what waited for its time.
    }
    if (!queue.keys->delayed().empty()) {
        state.arm(queue, queue.keys->delayed().begin()->first);
    }
}

std::optional<Offset> find_keys(State& state, Queue& queue, TimeMs now) {
    for (auto offset = queue.keys->first_unread(); offset; offset = queue.keys->first_unread()) {
        const ChunkPtr chunk = queue.window.resident(*offset);
        if (!chunk) {
            return offset;
        }
        if (queue.keys->not_before(*offset) != 0) {
            wait_on(state, queue, *chunk, *offset, now);  // It may expire before.
        } else {
            queue.keys->read(*offset, key_in(*chunk, *offset));
        }
    }
    return std::nullopt;
}

void wait_on(State& state, Queue& queue, const Chunk& chunk, Offset offset, TimeMs now) {
    queue.keys->left(offset);
    const TimeMs not_before = queue.returned.at(offset).not_before;
    key_waits(state, queue, {offset, chunk.stored_at, key_in(chunk, offset), not_before}, now);
}

bool waits_since_before(Queue& queue, Offset offset, TimeMs now) {
    const auto returned = queue.keys ? queue.returned.find(offset) : queue.returned.end();
    if (returned == queue.returned.end() || returned->second.not_before <= now) {
        return false;
    }
    queue.keys->wait_unread(offset, returned->second.not_before);
    queue.keys->weigh(offset, history_bytes(returned->second.attempts));
    queue.waiting_again[offset] = 0;
    return true;
}

std::optional<GroupId> key_of(const Queue& queue, const LeasedDetail& detail, const LeaseBatch& batch, Offset offset) {
    if (!queue.keys) {
        return GroupId{};
    }
    if (detail.key) {
        return detail.key->id;
    }
    if (const ChunkPtr chunk = queue.window.resident(offset)) {
        return key_in(*chunk, offset);
    }
    const bool since_before = batch.restart_hold || batch.number < queue.first_batch;
    return since_before ? std::nullopt : std::optional(GroupId{});
}

void key_waits(State& state, Queue& queue, const InPlace& where, TimeMs now) {
    TimeMs until = where.not_before;
    const ChunkPtr chunk = until == 0 ? nullptr : queue.window.resident(where.offset);
    if (chunk) {
        // One that expires meanwhile is looked at then, and lets the rest of its key go on.
        const TimeMs expires = expiry_of(queue, chunk->stored_at, chunk->meta_of(where.offset));
        until = expires == 0 ? until : std::max(now, std::min(until, expires));
    }
    if (where.key) {
        queue.keys->wait(where.offset, *where.key, until);
    } else {
        queue.keys->wait_unread(where.offset, until);
    }
    queue.keys->weigh(where.offset, history_bytes(queue.returned.at(where.offset).attempts));
    if (until != 0) {
        state.arm(queue, until);
    }
}

bool retry_in_place(State& state, Queue& queue, LeaseBatch& batch, Offset offset, const Fail& fail,
                    LeasedDetail& detail, TimeMs now, Round& round) {
    const ChunkPtr chunk = detail.lane ? nullptr : queue.window.resident(offset);
    const MetaPtr meta = chunk ? chunk->meta_of(offset) : nullptr;
    if (!has_group(meta) || detail.cancelled ||
        end_of(queue.settings, fail, detail.counters, meta.get()) != EndReason::none) {
        return false;
    }
    const DurationMs delay = retry_delay(queue.settings, fail, meta.get(), queue.id, offset, detail.counters.failures);
    const LeasedRun run = *batch.run_of(offset);
    LeaseBatch facts;
    facts.number = batch.number;
    facts.restart_hold = batch.restart_hold;
    queue.leased_plain -= 1;
    close_lease(state, queue, batch, batch.position_of(run, offset), 1, leased_bytes(queue, run, offset, 1), round);
    detail.cause = Cause::failed;
    detail.isolated = false;
    const InPlace where{offset, chunk->stored_at, meta->group->id, delay == 0 ? 0 : now + delay};
    wait_in_place(state, queue, std::move(detail), facts, where, now, round);
    state.pump_later(queue);
    return true;
}

void settle_keys(Queue& queue, const LeaseBatch& batch, std::uint32_t position, std::uint32_t count) {
    for (auto detail = batch.details.lower_bound(position);
         detail != batch.details.end() && detail->first - position < count; ++detail) {
        if (detail->second.key) {
            queue.keys->settled(detail->second.key->id);
        }
    }
}

void promote_in_place(State& state, Queue& queue, Offset offset, Round& round) {
    queue.keys->hurry(offset);
    queue.returned.at(offset).not_before = 0;
    put_returned(queue, offset, round);
    state.touch(queue, round);
    state.pump_later(queue);
}

std::uint64_t promote_some_in_place(State& state, Queue& queue, std::uint64_t most, Round& round) {
    std::uint64_t promoted = 0;
    for (; queue.keys && promoted < most && !queue.keys->delayed().empty(); ++promoted) {
        const Offset offset = queue.keys->delayed().begin()->second;
        round.bytes += history_bytes(queue.returned.at(offset).attempts);
        promote_in_place(state, queue, offset, round);
    }
    return promoted;
}

}  // namespace baton::core
