// Produce: limits, producer memory, and which lane each message goes to.
#include "server/core/group_overflow.hpp"
#include "server/core/lane_placing.hpp"
#include "server/core/limits.hpp"
#include "server/core/overflow.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/produce_plan.hpp"
#include "server/core/require.hpp"
#include "server/core/routing.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

namespace {

/// Per-item mode: what cannot be taken whatever the room.
RefusedItems refused_items(const Queue& queue, const Produce& produce) {
    RefusedItems refused;
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

void store(State& state, Queue& queue, const Produce& produce, const RefusedItems& refused, TimeMs now, Round& round) {
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
        store_message(state, queue, produce.entries.slice(i, 1), options_of(produce, next, i), now, round);
    }
}

/// Per-item mode on a full queue: the first ones that fit are taken, the rest is refused.
void refuse_overflow(const Queue& queue, const Produce& produce, const ProducePlan& plan, RefusedItems& refused) {
    std::uint64_t messages = 0, bytes = 0;
    std::size_t skip = 0;
    RefusedItems all;
    for (std::uint32_t i = 0; i < produce.entries.count; ++i) {
        if (skip < refused.size() && refused[skip].first == i) {
            all.push_back(std::move(refused[skip++]));
        } else if (!plan.adds(i)) {
            continue;
        } else if (over_limit(queue, messages + 1, bytes + produce.entries.size_of(i))) {
            all.emplace_back(i, queue_full(queue));
        } else {
            messages += 1;
            bytes += produce.entries.size_of(i);
        }
    }
    refused = std::move(all);
}

/// Makes room in limited groups; `changed` when something was dropped or refused for it.
Room group_room(State& state, Queue& queue, const Produce& produce, Request& request, PreparedProduce& out,
                bool& changed, TimeMs now, Round& round) {
    if (queue.settings.groups.max_messages == 0) {
        return Room::yes;
    }
    const std::size_t refused = out.refused.size();
    const std::uint64_t left = queue.totals.dropped + queue.totals.dead_lettered;
    const Room room = make_group_room(state, queue, produce, request, out, now, round);
    changed = out.refused.size() != refused || queue.totals.dropped + queue.totals.dead_lettered != left;
    return room;
}

/// What is wrong with the entries themselves.
std::optional<Refusal> check_entries(const State& state, const Queue& queue, const Produce& produce,
                                     PreparedProduce& out) {
    if (state.storage_full) {
        return Refusal{RefusalCode::storage_full, "the disk is nearly full", "", 0, true, 5'000};
    }
    if (queue.kind == QueueKind::subscription) {
        return Refusal{RefusalCode::wrong_kind, "a subscription gets what its topic gets: produce to that",
                       "produce.queue"};
    }
    if (produce.per_item) {
        out.refused = refused_items(queue, produce);
        return std::nullopt;
    }
    return check_whole(queue, produce);
}

Readiness make_plan(State& state, Queue& queue, const Produce& produce, Request& request, PreparedProduce& out,
                    TimeMs now, Round& round) {
    std::optional<ProducePlan> plan = plan_produce(state, queue, produce, request, out.refused, now, round);
    if (!plan) {
        return Readiness::parked;
    }
    out.plan = std::move(*plan);
    out.fault = check_parked(state, out.plan.parked_bytes);
    return out.fault ? Readiness::refused : Readiness::ready;
}

bool is_full(const Queue& queue, const ProducePlan& plan) {
    return plan.messages != 0 && over_limit(queue, plan.messages, plan.bytes);
}

/// Runs one produce to its end, or lets it wait for room; false when it is parked until something is read.
bool produce_now(State& state, Queue& queue, Request& request, TimeMs now, Round& round) {
    Produce& produce = std::get<Produce>(request.body);
    if (auto answer = remembered_produce(state, queue, produce, now)) {
        reply(request, std::move(*answer), round);
        return true;
    }
    PreparedProduce prepared;
    // One whose turn has come is decided now: it could else wait for itself.
    switch (prepare_produce(state, queue, produce, request, !produce.in_turn, prepared, now, round)) {
        case Readiness::parked:
            return false;
        case Readiness::blocked:
            return true;
        case Readiness::refused:
            if (planted(PlantedBug::refused_sequence_remembered) && produce.producer != 0) {
                queue.producers.remember(produce.producer, produce.producer_created_at, produce.acked_through,
                                         {produce.sequence, queue.end, 0, {}, {}}, now);
                state.touch(queue, round);
            }
            reply(request, std::move(*prepared.fault), round);
            return true;
        case Readiness::ready:
            break;
    }
    Produced done = finish_produce(state, queue, produce, std::move(prepared), now, round);
    remember_produce(state, queue, produce, done, now, round);
    reply(request, std::move(done), round);
    return true;
}

}  // namespace

std::optional<ReplyBody> remembered_produce(const State& state, const Queue& queue, const Produce& produce,
                                            TimeMs now) {
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
        return Produced{queue.id,
                        stored->first,
                        stored->count,
                        true,
                        queue.settings.durability,
                        std::move(stored->refused),
                        std::move(stored->outcomes),
                        static_cast<std::uint32_t>(queue.subscriptions.size())};
    }
    return std::nullopt;
}

void remember_produce(State& state, Queue& queue, const Produce& produce, const Produced& done, TimeMs now,
                      Round& round) {
    if (produce.producer != 0) {
        queue.producers.remember(produce.producer, produce.producer_created_at, produce.acked_through,
                                 {produce.sequence, done.first, done.count, done.refused, done.outcomes}, now);
        state.touch(queue, round);
    }
}

Readiness check_produce(State& state, Queue& queue, const Produce& produce, Request& request, PreparedProduce& out,
                        TimeMs now, Round& round) {
    if ((out.fault = check_entries(state, queue, produce, out))) {
        return Readiness::refused;
    }
    const Readiness planned = make_plan(state, queue, produce, request, out, now, round);
    if (planned != Readiness::ready) {
        return planned;
    }
    if (groups_refuse(queue, produce, out)) {
        out.fault = group_full(queue);
    } else if (is_full(queue, out.plan) && !may_make_room(queue, out.plan.messages, out.plan.bytes)) {
        out.fault = queue_full(queue);
    }
    if (!out.fault && queue.kind == QueueKind::topic) {
        out.fault = check_routes(state, queue, produce);
    }
    return out.fault ? Readiness::refused : Readiness::ready;
}

Readiness prepare_produce(State& state, Queue& queue, const Produce& produce, Request& request, bool may_block,
                          PreparedProduce& out, TimeMs now, Round& round) {
    if ((out.fault = check_entries(state, queue, produce, out))) {
        return Readiness::refused;
    }
    while (true) {
        if (const Readiness planned = make_plan(state, queue, produce, request, out, now, round);
            planned != Readiness::ready) {
            return planned;
        }
        const auto& [fates, messages, bytes, parked] = out.plan;
        bool changed = false;
        const Room in_groups = group_room(state, queue, produce, request, out, changed, now, round);
        if (in_groups != Room::yes) {
            out.fault = group_full(queue);
            return in_groups == Room::reading ? Readiness::parked : Readiness::refused;
        }
        if (changed) {
            continue;
        }
        const bool full = is_full(queue, out.plan);
        if (may_block && (full || !queue.blocked.empty()) &&
            block_produce(state, queue, request, messages, bytes, now, round)) {
            return Readiness::blocked;
        }
        if (may_block && !queue.blocked.empty()) {
            out.fault = queue_full(queue);  // It may not wait, and not go before those that do.
            return Readiness::refused;
        }
        if (!full) {
            return prepare_routes(state, queue, produce, request, out.fault, now, round);
        }
        const Room room = make_room(state, queue, messages, bytes, request, now, round);
        if (room == Room::reading) {
            return Readiness::parked;
        }
        if (room == Room::no && !produce.per_item) {
            out.fault = queue_full(queue);
            return Readiness::refused;
        }
        if (room == Room::no) {
            refuse_overflow(queue, produce, out.plan, out.refused);
        }
        if (fates.empty()) {
            return prepare_routes(state, queue, produce, request, out.fault, now, round);
        }
        // What made room, or was refused, may have had names that others here ask for.
    }
}

Produced finish_produce(State& state, Queue& queue, const Produce& produce, PreparedProduce&& prepared, TimeMs now,
                        Round& round) {
    state.routing.begin_produce();
    Produced done{queue.id,
                  queue.end,
                  0,
                  false,
                  queue.settings.durability,
                  std::move(prepared.refused),
                  {},
                  static_cast<std::uint32_t>(queue.subscriptions.size())};
    if (prepared.plan.fates.empty()) {
        done.count = static_cast<std::uint32_t>(produce.entries.count - done.refused.size());
        store(state, queue, produce, done.refused, now, round);
    } else {
        done.count = store_named(state, queue, produce, prepared.plan, done.outcomes, now, round);
    }
    queue.totals.produced += done.count;
    done.subscriptions += state.routing.reached;
    return done;
}

void apply_produce(State& state, Request&& request, TimeMs now, Round& round) {
    const Produce& produce = std::get<Produce>(request.body);
    Queue* queue = state.find(request.ns, produce.queue);
    if (produce.entries.count == 0) {
        reply(request, invalid("produce.entries", "a produce has at least one entry", 1), round);
        return;
    }
    if (produce.queue.starts_with(inbox_prefix)) {
        produce_to_inbox(state, request, now, round);
        return;
    }
    if (queue == nullptr) {
        reply(request, no_such_queue(produce.queue), round);
        return;
    }
    // A produce behind a parked one of the same queue waits, so that a producer's order holds.
    const bool holds_turn = produce.holds_turn;
    if (queue->produce_parked && !holds_turn) {
        read_names_ahead(state, *queue, produce, round);
        queue->waiting_produces.push_back(std::move(request));
        return;
    }
    if (room_unknown(*queue)) {
        queue->waiting_attach.push_back(std::move(request));
        return;
    }
    const QueueId id = queue->id;
    std::get<Produce>(request.body).holds_turn = false;
    queue->produce_parked = !produce_now(state, *queue, request, now, round);
    if (holds_turn) {
        resume_produces(state, id, now, round);
    }
}

void resume_produces(State& state, QueueId id, TimeMs now, Round& round) {
    while (Queue* queue = state.find(id)) {
        // What waits for room came before what waited behind a parked one.
        if (!queue->blocked.empty()) {
            release_blocked(state, *queue, now, round);
        }
        if (queue->produce_parked || queue->waiting_produces.empty()) {
            return;
        }
        Request next = std::move(queue->waiting_produces.front());
        queue->waiting_produces.pop_front();
        dispatch(state, std::move(next), now, round);
    }
}

void produce_in_turn(State& state, Queue& queue, Request&& request, TimeMs now, Round& round) {
    std::get<Produce>(request.body).in_turn = true;
    queue.produce_parked = !produce_now(state, queue, request, now, round);
}

}  // namespace baton::core
