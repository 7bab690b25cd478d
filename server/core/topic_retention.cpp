// Retention of topics: by count, bytes, age, by what every subscription has acked, and by request. It never takes what
// is in flight anywhere, nor what a subscription that holds has not acked; what it takes from others is counted as
// dropped there.
#include "server/core/limits.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/reference_log.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace baton::core {

namespace {

constexpr std::uint32_t chunks_per_step = 64;
constexpr std::uint64_t bytes_per_step = 4ULL << 20;
/// Between two looks.
constexpr DurationMs look_every_ms = 100;
constexpr DurationMs guess_again_ms = 1'000;
constexpr Offset all = std::numeric_limits<Offset>::max();

}  // namespace

Offset in_flight_from(const Queue& subscription) {
    Offset from = all;
    for (const auto& [number, batch] : subscription.leases.batches()) {
        for (const LeasedRun& run : batch->runs) {
            // What is in a lane has its body there.
            const auto detail = batch->details.find(run.position);
            const bool in_lane = detail != batch->details.end() && detail->second.lane;
            from = in_lane ? from : std::min(from, run.first);
        }
    }
    if (subscription.keys) {
        // It has no copy of what it is to try again.
        const auto kept =
            std::find_if(subscription.returned.begin(), subscription.returned.end(), [&](const auto& one) {
                return one.second.cause == Cause::failed || subscription.keys->not_before(one.first) != 0;
            });
        from = kept == subscription.returned.end() ? from : std::min(from, kept->first);
    }
    return subscription.moving.empty() ? from : std::min(from, subscription.moving.begin()->first);
}

namespace {

/// Up to where the topic may take out, and up to where all have acked.
struct Floors {
    Offset free = all, acked = all;
    /// Some subscription does not know since a restart what it needs, and will not tell when it does.
    bool guessed = false;
};

Floors floors_of(State& state, Queue& topic) {
    Floors floors;
    for (const Route* route : routes_of(state, topic)) {
        if (route->subscription != nullptr) {
            const Offset from = needed_from(*route->subscription, topic.id);
            floors.guessed = floors.guessed || !knows_needs(*route->subscription);
            floors.acked = std::min(floors.acked, from);
            floors.free = std::min(floors.free, route->subscription->hold ? from : all);
        }
    }
    for (const auto& [name, subscription] : topic.subscriptions) {
        const Offset low = subscription->acks.low();
        const bool kept = subscription->hold && !planted(PlantedBug::hold_forgotten);
        floors.acked = std::min(floors.acked, low);
        floors.free = std::min({floors.free, in_flight_from(*subscription), kept ? low : all});
    }
    return floors;
}

/// Its retention, and the limits of a topic that drops its oldest when it is full.
Retention kept_of(const Queue& topic) {
    Retention kept = topic.keeps.retention;
    const auto least = [](std::uint64_t limit, std::uint64_t other) {
        return limit == 0 || other == 0 ? std::max(limit, other) : std::min(limit, other);
    };
    if (topic.settings.overflow == Overflow::drop_oldest) {
        kept.messages = least(kept.messages, topic.settings.max_messages);
        kept.bytes = least(kept.bytes, topic.settings.max_bytes);
    }
    return kept;
}

/// Everything below is not to be kept, whatever the chunks say and whoever still needs it.
Offset wanted_floor(const Queue& topic, const Floors& floors) {
    const TopicSettings& keeps = topic.keeps;
    Offset floor = topic.trim.below;
    const std::uint64_t messages = kept_of(topic).messages;
    if (messages != 0 && topic.end > messages) {
        floor = std::max(floor, topic.end - messages);
    }
    if (keeps.interest) {
        floor = std::max(floor, floors.acked);
    }
    return std::min(floor, topic.end);
}

/// The messages [first, end) of a chunk are no longer there for the subscription.
void lose(State& state, Queue& subscription, const Chunk& chunk, Offset first, Offset end, Round& round) {
    first = std::max(first, subscription.acks.low());
    const std::size_t before = subscription.window.bytes();
    subscription.window.forget_before(end);
    state.window_bytes -= before - subscription.window.bytes();
    if (first >= end) {
        return;
    }
    std::uint64_t lost = 0, bytes = 0;
    Holes holes;
    for (Offset offset = subscription.acks.next_clear(first); offset < end;
         offset = subscription.acks.next_clear(offset + 1)) {
        const std::uint32_t size = chunk.at(offset).size_of(0);
        bytes += size;
        if (subscription.keys) {
            subscription.keys->left(offset);  // Not what waits in a lane: it has its body there.
        }
        if (chunk.is_missing(offset)) {
            holes.add(1, size);
        } else {
            lost += 1;
        }
    }
    auto& returned = subscription.returned;
    for (auto at = returned.lower_bound(first); at != returned.end() && at->first < end; at = returned.erase(at)) {
        round.mutations.push_back(RemoveReturned{subscription.ns, subscription.id, at->first});
    }
    auto& again = subscription.waiting_again;
    again.erase(again.lower_bound(first), again.lower_bound(end));
    if (subscription.keys) {
        state.pump_later(subscription);
    }
    subscription.acks.set_range(first, end - first);
    subscription.next = std::max(subscription.next, end);
    subscription.live_bytes -= bytes;
    subscription.totals.dropped += lost;
    subscription.totals.compacted += holes.messages;
    subscription.holes.take(holes.messages, holes.bytes);
    subscription_advanced(state, subscription);
    state.touch(subscription, round);
}

}  // namespace

void take_out(State& state, Queue& topic, const Chunk& chunk, Offset upto, Round& round) {
    const Offset first = std::max(topic.acks.low(), chunk.first);
    std::vector<EntryRun> runs;
    chunk.slice(first, static_cast<std::uint32_t>(upto - first), runs);
    for (const EntryRun& run : runs) {
        topic.live_bytes -= run.bytes().size();
    }
    const Holes holes = chunk.missing_in(first, upto);
    topic.live_bytes += holes.bytes;  // They had gone before.
    topic.holes.take(holes.messages, holes.bytes);
    for (auto& [name, subscription] : topic.subscriptions) {
        lose(state, *subscription, chunk, first, upto, round);
    }
    topic.acks.set_range(first, upto - first);
    topic.totals.retired += upto - first - holes.messages;
    if (upto == chunk.end()) {
        const std::size_t before = topic.window.bytes();
        topic.window.forget_before(upto);
        state.window_bytes -= before - topic.window.bytes();
        round.mutations.push_back(RemoveChunk{topic.ns, topic.id, chunk.first});
    }
    state.touch(topic, round);
}

namespace {

/// They go, and nothing of their keys before them is there.
void forget_keys(const Queue& topic, const Chunk& chunk, const std::vector<std::uint32_t>& named, Offset upto,
                 Round& round) {
    for (const std::uint32_t slot : named) {
        const Offset offset = chunk.first + slot;
        const MetaPtr meta = chunk.meta_of(offset);
        if (offset >= topic.acks.low() && offset < upto && meta && meta->group) {
            round.mutations.push_back(RemoveLastOfKey{topic.ns, topic.id, meta->group->id, offset});
        }
    }
}

}  // namespace

void run_topic_retention(State& state, Queue& topic, TimeMs now, Round& round) {
    const Offset low = topic.acks.low();
    topic.trim.blocked = topic.trim.blocked && low != topic.end;
    if (topic.kind != QueueKind::topic || topic.trim.reading || topic.compaction.reading || low == topic.end) {
        return;
    }
    if (now < topic.trim.from) {
        state.arm(topic, topic.trim.from);
        return;
    }
    const Retention keep = kept_of(topic);
    const Floors floors = floors_of(state, topic);
    const bool by_floor = wanted_floor(topic, floors) > low;
    const bool by_bytes = keep.bytes != 0 && topic.live_bytes > keep.bytes && topic.trim.newest_alone != topic.end;
    const bool by_age = keep.age_ms != 0 && (topic.trim.oldest_at == 0 || topic.trim.oldest_at + keep.age_ms <= now);
    topic.trim.blocked = floors.free <= low && (by_floor || by_bytes || by_age);
    if (floors.guessed && (topic.trim.blocked || topic.keeps.interest)) {
        state.arm(topic, now + guess_again_ms);
    }
    if (topic.trim.blocked) {
        topic.trim.from = now + look_every_ms;
        return;  // Until something is done there.
    }
    if (!by_floor && !by_bytes && !by_age) {
        topic.trim.from = now + look_every_ms;
        if (keep.age_ms != 0) {
            const TimeMs over = topic.trim.oldest_at == 0 ? now : topic.trim.oldest_at + keep.age_ms;
            state.arm(topic, std::max(over, topic.trim.from));
        }
        return;
    }
    close_chunks(state, topic, round);
    topic.trim.reading = true;
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{topic.id, TrimOldMessages{}});
    round.reads.push_back(
        {ticket, ReadChunks{topic.ns, topic.id, low, chunks_per_step, bytes_per_step, topic.keeps.compact}});
}

void step_topic_retention(State& state, Queue& topic, const ChunksRead& found, TimeMs now, Round& round) {
    topic.trim.reading = false;
    topic.trim.from = now + look_every_ms;
    topic.trim.oldest_at = 0;
    const Retention keep = kept_of(topic);
    const Floors floors = floors_of(state, topic);
    const Offset floor = std::min(wanted_floor(topic, floors), floors.free);
    for (std::size_t i = 0; i < found.chunks.size(); ++i) {
        const ChunkPtr& chunk = found.chunks[i];
        const Offset low = topic.acks.low();
        if (chunk->end() <= low) {
            continue;
        }
        require(chunk->first <= low, "the chunk of a topic's oldest message is on disk");
        const bool by_bytes = keep.bytes != 0 && topic.live_bytes > keep.bytes && chunk->end() < topic.end;
        const bool by_age = keep.age_ms != 0 && chunk->stored_at + keep.age_ms <= now;
        const Offset upto = by_bytes || by_age ? std::min(chunk->end(), floors.free) : std::min(chunk->end(), floor);
        if (upto > low) {
            if (!found.last_of_keys.empty()) {
                forget_keys(topic, *chunk, found.last_of_keys[i], upto, round);
            }
            take_out(state, topic, *chunk, upto, round);
        }
        if (upto < chunk->end()) {
            topic.trim.oldest_at = chunk->stored_at;
            topic.trim.newest_alone = chunk->end() == topic.end ? topic.end : 0;
            break;
        }
    }
    const bool more = topic.trim.oldest_at == 0 && topic.acks.low() < topic.end;
    topic.trim.from = more ? now : topic.trim.from;
    state.arm(topic, topic.trim.from);
}

}  // namespace baton::core
