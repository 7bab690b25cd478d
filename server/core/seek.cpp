// A subscription goes on elsewhere: what it held, what it was to try again and what it knew of messages is forgotten,
// and old tokens hold nothing any more.
#include "server/core/queue_administration.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"
#include "server/core/word_pattern.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

namespace {

/// The holders of one batch are told.
void tell_moved(const LeaseBatch& batch, const Queue& queue, Round& round) {
    if (batch.consumer == nullptr || value(batch.consumer->connection) == 0) {
        return;
    }
    std::vector<OffsetRange> ranges;
    for (const LeasedRun& run : batch.runs) {
        for (std::uint32_t i = 0; i < run.count; ++i) {
            if (batch.is_settled(run.position + i)) {
                continue;
            }
            if (!ranges.empty() && ranges.back().first + ranges.back().count == run.first + i) {
                ranges.back().count += 1;
            } else {
                ranges.push_back({run.first + i, 1});
            }
        }
    }
    round.effects.emplace_back(LeaseRevoked{batch.consumer->connection,
                                            batch.consumer->id,
                                            {batch.epoch, queue.id, batch.number},
                                            std::move(ranges),
                                            RevokeReason::moved,
                                            0});
}

void end_leases(Queue& queue, Round& round) {
    for (const auto& [number, batch] : queue.leases.batches()) {
        tell_moved(*batch, queue, round);
        if (batch->recorded) {
            round.mutations.push_back(RemoveLease{queue.ns, queue.id, number});
        }
    }
    queue.leases.clear();
    queue.leased_plain = queue.leased_lane = queue.leased_prioritized = 0;
    queue.moving.clear();
    if (queue.keys) {
        queue.keys->clear();
    }
    queue.give_back_later.clear();
    for (Consumer* consumer : queue.consumers) {
        consumer->batches.clear();
        consumer->in_flight_messages = consumer->in_flight_bytes = 0;
        consumer->isolated = 0;
    }
}

void forget_everything(State& state, Queue& queue, bool drop_failed, Round& round) {
    end_leases(queue, round);
    const QueueTotals before = queue.totals;
    purge(state, queue, PurgeQueue{queue.name, drop_failed, false}, round);
    queue.totals = before;
    queue.token_floor = queue.next_batch;
    queue.recent_settles.clear();
    queue.recent_ends.clear();
}

void move_to(State& state, Queue& queue, const Beginning& at, bool drop_failed, Round& round) {
    forget_everything(state, queue, drop_failed, round);
    queue.acks.reset(at.offset);
    queue.next = queue.horizon = queue.began = at.offset;
    put_queue_record(queue, round);
    queue.live_bytes = at.bytes;
    queue.holes = holes_from(*queue.topic, at.offset);
    subscription_advanced(state, queue);
    state.pump_later(queue);
}

/// One that selects finds its messages anew: what it had referred to is dropped.
void select_again(State& state, Queue& queue, const Request& request, const std::optional<Beginning>& at,
                  Round& round) {
    const auto& seek = std::get<SeekSubscription>(request.body);
    forget_everything(state, queue, seek.drop_failed, round);
    if (at) {
        queue.began = at->offset;
        put_queue_record(queue, round);
    }
    fill_from(state, namespace_of(state, request.ns, round), queue, seek.start, at, round);
}

/// True: messages that have failed would come twice.
bool refused_for_failed(const Request& request, const Queue& queue, Round& round) {
    if (queue.failed_count == 0 || std::get<SeekSubscription>(request.body).drop_failed) {
        return false;
    }
    reply(request,
          Refusal{RefusalCode::messages_failed,
                  "failed messages would be delivered again beside the failed set: retry them first, or drop them",
                  "seek_subscription.drop_failed", queue.failed_count},
          round);
    return true;
}

/// How much is to be looked through, at most.
std::uint64_t past_of(State& state, const Request& request, const Queue& queue, Round& round) {
    std::uint64_t messages = 0;
    for (const auto& [name, topic] : namespace_of(state, request.ns, round).queues) {
        if (topic->kind == QueueKind::topic && name_matches(queue.selects->pattern, name)) {
            messages += topic->end - topic->acks.low() - topic->holes.messages;
        }
    }
    return messages;
}

void seek_pattern(State& state, const Request& request, Queue& queue, Round& round) {
    const auto& seek = std::get<SeekSubscription>(request.body);
    if (std::holds_alternative<StartOffset>(seek.start)) {
        reply(request, invalid("seek_subscription.start.offset", "topics of a pattern have offsets of their own"),
              round);
        return;
    }
    const bool back = !std::holds_alternative<StartNow>(seek.start);
    if (back && refused_for_failed(request, queue, round)) {
        return;
    }
    const std::uint64_t messages = back ? past_of(state, request, queue, round) : queue.plain_unsettled();
    if (!seek.dry_run) {
        select_again(state, queue, request, std::nullopt, round);
    }
    reply(request, Counted{messages, 0}, round);
}

}  // namespace

void apply_seek(State& state, Request&& request, Round& round) {
    auto& seek = std::get<SeekSubscription>(request.body);
    const std::string name = subscription_name(seek.topic, seek.name);
    Queue* queue = state.find(request.ns, name);
    if (queue == nullptr || queue->kind != QueueKind::subscription) {
        reply(request, no_such_queue(name), round);
        return;
    }
    if (queue->attaching != 0) {
        queue->waiting_attach.push_back(std::move(request));
        return;
    }
    if (queue->selects && queue->topic_id == QueueId{}) {
        seek_pattern(state, request, *queue, round);
        return;
    }
    Queue* const topic = state.find(queue->topic_id);
    if (std::holds_alternative<StartLastPerKey>(seek.start) && !queue->selects) {
        reply(request,
              invalid("seek_subscription.start",
                      "last_per_key is for a subscription that began so, or has a filter: others read the whole log"),
              round);
        return;
    }
    if (auto fault = check_start(*topic, seek.start, "seek_subscription.start")) {
        reply(request, std::move(*fault), round);
        return;
    }
    const auto at = find_beginning(state, *topic, seek.start, seek.low, seek.high, seek.looking, request, round);
    if (!at) {
        return;
    }
    const bool back = queue->selects ? at->offset < topic->end : at->offset < queue->next;
    if (back && refused_for_failed(request, *queue, round)) {
        return;
    }
    const std::uint64_t before = Queue::less(queue->plain_unsettled(), queue->holes.messages);
    const std::uint64_t after = topic->end - at->offset - holes_from(*topic, at->offset).messages;
    const std::uint64_t messages = queue->selects ? after : std::max(before, after) - std::min(before, after);
    if (!seek.dry_run && queue->selects) {
        select_again(state, *queue, request, at, round);
    } else if (!seek.dry_run) {
        move_to(state, *queue, *at, seek.drop_failed, round);
    }
    reply(request, Counted{messages, 0}, round);
}

}  // namespace baton::core
