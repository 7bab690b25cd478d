// Produce: limits, producer memory, and which lane each message goes to.
#include "server/core/group_overflow.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/message_options.hpp"
#include "server/core/overflow.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

EntryOptions options_of(const Produce& produce, std::size_t& next, std::uint32_t index) {
    EntryOptions merged = produce.defaults;
    while (next < produce.options.size() && produce.options[next].first < index) {
        ++next;
    }
    if (next < produce.options.size() && produce.options[next].first == index) {
        const EntryOptions& own = produce.options[next].second;
        if (own.delay_ms || own.due_at) {
            merged.delay_ms = own.delay_ms;
            merged.due_at = own.due_at;
        }
        merged.ttl_ms = own.ttl_ms ? own.ttl_ms : merged.ttl_ms;
        merged.lease_ms = own.lease_ms ? own.lease_ms : merged.lease_ms;
        merged.priority = own.priority ? own.priority : merged.priority;
        merged.lifo = own.lifo ? own.lifo : merged.lifo;
        merged.max_attempts = own.max_attempts ? own.max_attempts : merged.max_attempts;
        merged.backoff = own.backoff ? own.backoff : merged.backoff;
        merged.run_limit_ms = own.run_limit_ms ? own.run_limit_ms : merged.run_limit_ms;
        merged.group = own.group ? own.group : merged.group;
    }
    return merged;
}

namespace {

/// Puts one message with options where it belongs. The offset is used up in any case.
void store_with_options(State& state, Queue& queue, const EntryRun& body, const EntryOptions& options, TimeMs now,
                        Round& round, std::shared_ptr<const ScheduledRun> scheduled = nullptr) {
    const TimeMs due = due_of(options, now);
    std::shared_ptr<MessageMeta> meta = meta_of(options, due);
    if (scheduled) {
        meta = meta ? meta : std::make_shared<MessageMeta>();
        meta->scheduled = std::move(scheduled);
    }
    if (due <= now && !is_ranked(meta)) {
        append_message(state, queue, body, std::move(meta), now, round);
        return;
    }
    store_in_lane(state, queue, body, std::move(meta), due, now, round);
}

using Refused = RefusedItems;

/// Per-item mode: what cannot be taken whatever the room.
Refused refused_items(const Queue& queue, const Produce& produce) {
    Refused refused;
    std::size_t next = 0;
    for (std::uint32_t i = 0; i < produce.entries.count; ++i) {
        if (produce.entries.size_of(i) > queue.settings.max_message_bytes) {
            refused.emplace_back(i, too_large(queue));
        } else if (auto fault = check_options(queue, options_of(produce, next, i))) {
            refused.emplace_back(i, std::move(*fault));
        }
    }
    return refused;
}

std::optional<Refusal> check_whole(const Queue& queue, const Produce& produce) {
    if (produce.largest_entry_bytes > queue.settings.max_message_bytes) {
        return too_large(queue);
    }
    if (auto fault = check_options(queue, produce.defaults)) {
        return fault;
    }
    std::size_t next = 0;
    for (const auto& [index, own] : produce.options) {
        if (index >= produce.entries.count) {
            return invalid("produce.options.index", "an option names an entry that is not there",
                           produce.entries.count);
        }
        if (auto fault = check_options(queue, options_of(produce, next, index))) {
            return fault;
        }
    }
    return std::nullopt;
}

void store(State& state, Queue& queue, const Produce& produce, const Refused& refused, TimeMs now, Round& round) {
    if (refused.empty() && produce.options.empty() && !produce.defaults.any()) {
        append_run(state, queue, produce.entries, now, round);
        return;
    }
    std::size_t next = 0, skip = 0;
    for (std::uint32_t i = 0; i < produce.entries.count; ++i) {
        if (skip < refused.size() && refused[skip].first == i) {
            ++skip;
            continue;
        }
        store_with_options(state, queue, produce.entries.slice(i, 1), options_of(produce, next, i), now, round);
    }
}

/// Per-item mode on a full queue: the first ones that fit are taken, the rest is refused.
void refuse_overflow(const Queue& queue, const Produce& produce, Refused& refused) {
    std::uint64_t messages = 0, bytes = 0;
    std::size_t skip = 0;
    Refused all;
    for (std::uint32_t i = 0; i < produce.entries.count; ++i) {
        if (skip < refused.size() && refused[skip].first == i) {
            all.push_back(std::move(refused[skip++]));
        } else if (over_limit(queue, messages + 1, bytes + produce.entries.size_of(i))) {
            all.emplace_back(i, queue_full(queue));
        } else {
            messages += 1;
            bytes += produce.entries.size_of(i);
        }
    }
    refused = std::move(all);
}

/// Makes room in the queue; per item, what finds none is refused.
Room make_queue_room(State& state, Queue& queue, Request& request, Refused& refused, TimeMs now, Round& round) {
    const Produce& produce = std::get<Produce>(request.body);
    const auto wanted = static_cast<std::uint64_t>(produce.entries.count - refused.size());
    const Room room = make_room(state, queue, wanted, produce.entries.bytes().size(), request, now, round);
    if (room == Room::no && produce.per_item) {
        refuse_overflow(queue, produce, refused);
        return Room::yes;
    }
    return room;
}

/// A produce that the producer's memory answers: one stored before, or one that it can no longer judge.
std::optional<ReplyBody> remembered(const State& state, const Queue& queue, const Produce& produce, TimeMs now) {
    if (produce.producer == 0) {
        return std::nullopt;
    }
    // A producer's birth is real time, which says nothing beside a clock that was moved by hand.
    const TimeMs created_at = state.options.virtual_clock ? now : produce.producer_created_at;
    auto verdict = queue.producers.judge(produce.producer, created_at, produce.sequence, produce.acked_through, now);
    if (auto* refusal = std::get_if<Refusal>(&verdict)) {
        return std::move(*refusal);
    }
    if (auto* stored = std::get_if<PutProducer::Stored>(&verdict)) {
        return Produced{
            queue.id, stored->first, stored->count, true, queue.settings.durability, std::move(stored->refused)};
    }
    return std::nullopt;
}

/// Runs one produce to its end, or lets it wait for room; false when it is parked until a body is read.
bool produce_now(State& state, Queue& queue, Request& request, bool in_turn, TimeMs now, Round& round) {
    Produce& produce = std::get<Produce>(request.body);
    const auto remember = [&](Offset first, std::uint32_t count, const Refused& refused) {
        if (produce.producer != 0) {
            queue.producers.remember(produce.producer, produce.producer_created_at, produce.acked_through,
                                     {produce.sequence, first, count, refused}, now);
            state.touch(queue, round);
        }
    };
    const auto refuse_with = [&](Refusal&& refusal) {
        if (planted(PlantedBug::refused_sequence_remembered)) {
            remember(queue.end, 0, {});
        }
        reply(request, std::move(refusal), round);
        return true;
    };
    if (auto answer = remembered(state, queue, produce, now)) {
        reply(request, std::move(*answer), round);
        return true;
    }
    if (state.storage_full) {
        return refuse_with({RefusalCode::storage_full, "the disk is nearly full", "", 0, true, 5'000});
    }
    Refused refused;
    if (produce.per_item) {
        refused = refused_items(queue, produce);
    } else if (auto fault = check_whole(queue, produce)) {
        return refuse_with(std::move(*fault));
    }
    if (queue.settings.groups.max_messages != 0) {
        const Room room = make_group_room(state, queue, request, refused, now, round);
        if (room != Room::yes) {
            return room == Room::no && refuse_with(group_full(queue));
        }
    }
    const std::uint64_t bytes = produce.entries.bytes().size();
    const auto wanted = static_cast<std::uint64_t>(produce.entries.count - refused.size());
    const bool full = over_limit(queue, wanted, bytes);
    // One whose turn has come is decided now: it could else wait for itself.
    if (!in_turn && (full || !queue.blocked.empty()) &&
        block_produce(state, queue, request, wanted, bytes, now, round)) {
        return true;
    }
    if (!in_turn && !queue.blocked.empty()) {
        return refuse_with(queue_full(queue));  // It may not wait, and not go before those that do.
    }
    if (full) {
        const Room room = make_queue_room(state, queue, request, refused, now, round);
        if (room != Room::yes) {
            return room == Room::no && refuse_with(queue_full(queue));
        }
    }
    const Offset first = queue.end;
    const auto count = static_cast<std::uint32_t>(produce.entries.count - refused.size());
    store(state, queue, produce, refused, now, round);
    queue.totals.produced += count;
    remember(first, count, refused);
    reply(request, Produced{queue.id, first, count, false, queue.settings.durability, std::move(refused)}, round);
    return true;
}

}  // namespace

std::optional<std::variant<Offset, Refusal>> append_scheduled(State& state, Queue& queue, const ScheduleSpec& spec,
                                                              std::shared_ptr<const ScheduledRun> run, Request& request,
                                                              TimeMs now, Round& round) {
    const std::uint64_t bytes = spec.entry.size_of(0);
    if (bytes > queue.settings.max_message_bytes) {
        return too_large(queue);
    }
    if (auto fault = check_options(queue, spec.options)) {
        return std::move(*fault);
    }
    if (room_unknown(queue)) {
        queue.waiting_attach.push_back(std::move(request));
        return std::nullopt;
    }
    if (over_limit(queue, 1, bytes)) {
        const Room room = make_room(state, queue, 1, bytes, request, now, round);
        if (room == Room::reading) {
            return std::nullopt;
        }
        if (room == Room::no) {
            return queue_full(queue);
        }
    }
    if (!group_has_room(queue, spec.options.group.value_or(""))) {
        return group_full(queue);
    }
    const Offset offset = queue.end;
    store_with_options(state, queue, spec.entry, spec.options, now, round, std::move(run));
    queue.totals.produced += 1;
    return offset;
}

void apply_produce(State& state, Request&& request, TimeMs now, Round& round) {
    const Produce& produce = std::get<Produce>(request.body);
    Queue* queue = state.find(request.ns, produce.queue);
    if (queue == nullptr) {
        reply(request, no_such_queue(produce.queue), round);
        return;
    }
    if (produce.entries.count == 0) {
        reply(request, invalid("produce.entries", "a produce has at least one entry", 1), round);
        return;
    }
    // A produce behind a parked one of the same queue waits, so that a producer's order holds.
    if (queue->produce_parked) {
        queue->waiting_produces.push_back(std::move(request));
        return;
    }
    if (room_unknown(*queue)) {
        queue->waiting_attach.push_back(std::move(request));
        return;
    }
    queue->produce_parked = !produce_now(state, *queue, request, false, now, round);
}

void produce_in_turn(State& state, Queue& queue, Request&& request, TimeMs now, Round& round) {
    if (queue.produce_parked) {
        queue.waiting_produces.push_back(std::move(request));
        return;
    }
    queue.produce_parked = !produce_now(state, queue, request, true, now, round);
}

}  // namespace baton::core
