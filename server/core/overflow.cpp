#include "server/core/overflow.hpp"

#include "server/core/group_overflow.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/names.hpp"
#include "server/core/outcome.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace baton::core {

namespace {

std::uint64_t queued_messages(const Queue& queue) {
    const std::uint64_t compacted = queue.kind == QueueKind::topic ? queue.holes.messages : 0;
    return queue.waiting_count() + queue.delayed_count() + queue.flows.waiting - compacted;
}

bool can_ever_fit(const QueueSettings& settings, std::uint64_t messages, std::uint64_t bytes) {
    return (settings.max_messages == 0 || messages <= settings.max_messages) &&
           (settings.max_bytes == 0 || bytes <= settings.max_bytes);
}

/// A topic whose oldest messages go when there are too many, unless somebody holds them or has them in flight.
bool drops_oldest_published(const Queue& queue) {
    return queue.kind == QueueKind::topic && queue.settings.overflow == Overflow::drop_oldest;
}

/// The oldest waiting message, with what is known about it, out of the plain lane. Its chunk is in memory.
MessageRecord take_oldest(State& state, Queue& queue, const Chunk& chunk, Offset offset, Round& round) {
    MessageRecord record;
    record.offset = offset;
    record.ready_at = record.stored_at = chunk.stored_at;
    record.body = chunk.at(offset);
    record.meta = chunk.meta_of(offset);
    if (const auto returned = queue.returned.find(offset); returned != queue.returned.end()) {
        auto meta = record.meta ? std::make_shared<MessageMeta>(*record.meta) : std::make_shared<MessageMeta>();
        meta->counters = returned->second.counters;
        meta->attempts = returned->second.attempts;
        record.meta = std::move(meta);
    }
    queue.waiting_again.erase(offset);
    leave_plain(state, queue, offset, 1, round);
    return record;
}

constexpr std::uint32_t tail_records = 64;

/// The first record read from the end of the lane that is still there and not leased.
const MessageRecord* last_of(const Queue& queue, const LaneTail& tail) {
    for (const MessageRecord& record : tail.records) {
        if (queue.job_reads.holds(record.offset, tail.version) && !queue.prioritized.is_out(record.offset)) {
            return &record;
        }
    }
    return nullptr;
}

void read_tail(State& state, Queue& queue, Request&& request, const LaneKey& below, Round& round) {
    drop_tail(state, queue, Lane::prioritized);
    LoadTail then{std::move(request), Lane::prioritized, {}, std::exchange(state.brought, {})};
    then.tail.version = queue.job_reads.begin();
    const std::uint64_t ticket = state.next_ticket++;
    state.reads.emplace(ticket, PendingRead{queue.id, std::move(then)});
    round.reads.push_back({ticket, ReadLane{queue.ns, queue.id, Lane::prioritized, queue.lane_generation, below.at,
                                            below.offset, tail_records, limits::commit_bytes_max, below.rank, true}});
}

/// The last prioritized message that waits; null when the request was parked to read on.
const MessageRecord* find_last(State& state, Queue& queue, Request& request, Round& round) {
    if (queue.prioritized.complete()) {
        return &std::prev(queue.prioritized.records().end())->second;
    }
    const LaneTail& tail = state.brought.tail_of(queue.id, Lane::prioritized);
    if (const MessageRecord* found = last_of(queue, tail)) {
        return found;
    }
    // Everything behind what was read is leased, or this is the first look.
    const bool seen = !tail.records.empty();
    const LaneKey end{INT64_MAX, UINT64_MAX, INT64_MAX};
    const LaneKey below = seen ? key_of(Lane::prioritized, tail.records.back()) : end;
    read_tail(state, queue, std::move(request), below, round);
    return nullptr;
}

MessageRecord take_ranked(State& state, Queue& queue, MessageRecord record, Round& round) {
    queue.lane_fences.erase(record.offset);
    remove_lane_record(queue, record, round);
    state.touch(queue, round);
    return record;
}

/// The first of those that are in their lane for their names alone, as far as memory tells.
const MessageRecord* first_unfronted(const Queue& queue) {
    for (const auto& [key, record] : queue.prioritized.records()) {
        if (record.meta->priority != 0) {
            return nullptr;
        }
        if (!record.meta->lifo) {
            return &record;
        }
    }
    return nullptr;
}

/// What goes first when the queue is full; nothing when the request was parked to read it.
std::optional<MessageRecord> take_least(State& state, Queue& queue, Request& request, bool& empty, Round& round) {
    // Groups are served after what has none, so that theirs is the last place.
    if (queue.grouped_waiting() != 0) {
        return take_from_groups(state, queue, request, empty, round);
    }
    const bool ranked =
        queue.prioritized_waiting() != 0 && !(queue.prioritized.complete() && queue.prioritized.records().empty());
    const bool again = !queue.waiting_again.empty();
    const Offset oldest = again ? queue.waiting_again.begin()->first : queue.acks.next_clear(queue.next);
    if (ranked) {
        const MessageRecord* last = find_last(state, queue, request, round);
        if (last == nullptr) {
            return std::nullopt;
        }
        // Those without a priority go with the plain lane, the oldest first, and last what was put in front.
        if (last->meta->priority != 0) {
            return take_ranked(state, queue, *last, round);
        }
        const MessageRecord* first = first_unfronted(queue);
        if (first != nullptr && first->offset < oldest) {
            return take_ranked(state, queue, *first, round);
        }
        if (oldest >= queue.end) {
            return take_ranked(state, queue, *last, round);
        }
    }
    empty = oldest >= queue.end;
    if (empty) {
        return std::nullopt;
    }
    const ChunkPtr chunk = queue.window.resident(oldest);
    if (!chunk) {
        state.read_chunks(queue, oldest, std::move(request), round);
        return std::nullopt;
    }
    return take_oldest(state, queue, *chunk, oldest, round);
}

std::uint64_t body_bytes(const Request& request) { return std::get<Produce>(request.body).entries.bytes().size(); }

/// One produce fewer of this connection waits.
void unblock(State& state, const Request& request, Round* round) {
    state.blocked_bytes -= body_bytes(request);
    const auto waiting = state.blocked_by.find(request.connection);
    if (--waiting->second == 0) {
        state.blocked_by.erase(waiting);
        if (round != nullptr) {
            round->effects.emplace_back(ProducerBlocked{request.connection, false, ""});
        }
    }
}

}  // namespace

bool room_unknown(const Queue& queue) {
    const QueueSettings& settings = queue.settings;
    const bool limited = settings.max_messages != 0 || settings.max_bytes != 0 || settings.groups.max_messages != 0;
    return queue.attaching != 0 && (limited || queue.names.counts.used);
}

bool over_limit(const Queue& queue, std::uint64_t messages, std::uint64_t bytes) {
    const QueueSettings& settings = queue.settings;
    if (drops_oldest_published(queue) && !queue.trim.blocked && can_ever_fit(settings, messages, bytes)) {
        return false;  // Its retention makes the room.
    }
    const std::uint64_t slack = planted(PlantedBug::length_limit_off_by_one) ? 1 : 0;
    return (settings.max_messages != 0 && queued_messages(queue) + messages > settings.max_messages + slack) ||
           (settings.max_bytes != 0 && queue.live_bytes + bytes > settings.max_bytes);
}

Refusal queue_full(const Queue& queue) {
    const bool by_bytes = queue.settings.max_messages == 0;
    return Refusal{RefusalCode::queue_full,
                   "the queue is full",
                   by_bytes ? "settings.max_bytes" : "settings.max_messages",
                   by_bytes ? queue.settings.max_bytes : queue.settings.max_messages,
                   true,
                   1'000};
}

bool may_make_room(const Queue& queue, std::uint64_t messages, std::uint64_t bytes) {
    const Overflow policy = queue.settings.overflow;
    const bool drops = policy == Overflow::drop_oldest || policy == Overflow::dead_letter_oldest;
    // Delayed messages are not dropped: nothing is lost for a produce that they leave no room for.
    const bool delayed_fill =
        queue.settings.max_messages != 0 && queue.delayed_count() + messages > queue.settings.max_messages;
    return drops && !delayed_fill && queue.kind == QueueKind::queue && can_ever_fit(queue.settings, messages, bytes);
}

Room make_room(State& state, Queue& queue, std::uint64_t messages, std::uint64_t bytes, Request& request, TimeMs now,
               Round& round) {
    if (!may_make_room(queue, messages, bytes)) {
        return Room::no;
    }
    close_chunks(state, queue, round);
    while (over_limit(queue, messages, bytes)) {
        bool empty = false;
        std::optional<MessageRecord> record = take_least(state, queue, request, empty, round);
        if (!record) {
            return empty ? Room::no : Room::reading;
        }
        if (queue.settings.overflow == Overflow::dead_letter_oldest) {
            move_out(state, queue, std::move(*record), EndReason::overflow, now, round);
        } else {
            if (queue.watched()) {
                ended(state, queue, {JobOutcome::dropped, record->offset, 1, "overflow", nullptr, record->meta}, round);
            }
            queue.live_bytes -= record->body.size_of(0);
            queue.totals.dropped += 1;
            names_ended(state, queue, record->meta, record->offset, NameEnding::finished, now, round);
        }
    }
    return Room::yes;
}

bool block_produce(State& state, Queue& queue, Request& request, std::uint64_t messages, std::uint64_t bytes,
                   TimeMs now, Round& round) {
    const QueueSettings& settings = queue.settings;
    if (settings.overflow != Overflow::block || !can_ever_fit(settings, messages, bytes) ||
        state.blocked_bytes + bytes > limits::blocked_bytes_max) {
        return false;
    }
    state.blocked_bytes += body_bytes(request);
    if (++state.blocked_by[request.connection] == 1) {
        round.effects.emplace_back(ProducerBlocked{request.connection, true, "the queue '" + queue.name + "' is full"});
    }
    queue.blocked.push_back({std::move(request), messages, bytes, now + settings.block_timeout_ms});
    state.blocked_queues.insert(queue.id);
    state.arm(queue, queue.blocked.back().until);
    return true;
}

bool release_blocked(State& state, Queue& queue, TimeMs now, Round& round) {
    bool decided = false;
    while (!queue.blocked.empty()) {
        const BlockedProduce& first = queue.blocked.front();
        const bool late = first.until <= now;
        const bool waits = queue.settings.overflow == Overflow::block && over_limit(queue, first.messages, first.bytes);
        if (waits && !late) {
            state.arm(queue, first.until);
            return decided;
        }
        if (!waits && queue.produce_parked) {
            return decided;  // What is parked came later, and goes behind it once it is read.
        }
        Request request = std::move(queue.blocked.front().request);
        queue.blocked.pop_front();
        unblock(state, request, &round);
        if (waits) {
            reply(request, queue_full(queue), round);
        } else {
            produce_in_turn(state, queue, std::move(request), now, round);
        }
        decided = true;
    }
    state.blocked_queues.erase(queue.id);
    return decided;
}

bool release_all_blocked(State& state, TimeMs now, Round& round) {
    if (state.blocked_queues.empty()) {
        return false;
    }
    bool decided = false;
    for (const QueueId id : std::set<QueueId>(state.blocked_queues)) {
        decided = release_blocked(state, *state.find(id), now, round) || decided;
    }
    return decided;
}

void drop_blocked(State& state, ConnectionId connection) {
    if (!state.blocked_by.contains(connection)) {
        return;
    }
    for (const QueueId id : state.blocked_queues) {
        std::list<BlockedProduce>& blocked = state.find(id)->blocked;
        for (auto one = blocked.begin(); one != blocked.end();) {
            if (one->request.connection == connection) {
                unblock(state, one->request, nullptr);
                one = blocked.erase(one);
            } else {
                ++one;
            }
        }
    }
}

void rerun_blocked(State& state, Queue& queue, Round& round) {
    for (BlockedProduce& one : queue.blocked) {
        unblock(state, one.request, &round);
        state.rerun.push_back(std::move(one.request));
    }
    queue.blocked.clear();
    state.blocked_queues.erase(queue.id);
}

}  // namespace baton::core
