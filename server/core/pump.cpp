// Who gets messages: consumers take turns and share what there is evenly.
#include "server/core/pump.hpp"

#include "server/core/allowance.hpp"
#include "server/core/consumer_mode.hpp"
#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>
#include <utility>

namespace baton::core {

Want want_of(const Queue& queue, const Consumer& consumer) {
    Want want;
    if (value(consumer.connection) == 0 || !may_have_messages(queue, consumer)) {
        return want;
    }
    want.lease_ms = consumer.lease_ms != 0 ? consumer.lease_ms : queue.settings.lease_ms;
    if (!consumer.fetches.empty()) {
        const WaitingFetch& fetch = consumer.fetches.front();
        want.messages = fetch.max_messages;
        want.bytes = fetch.max_bytes;
        want.request = fetch.request;
        want.lease_ms = fetch.lease_ms != 0 ? fetch.lease_ms : want.lease_ms;
    } else if (consumer.in_flight_messages < consumer.credit_messages &&
               consumer.in_flight_bytes < consumer.credit_bytes) {
        want.messages = consumer.credit_messages - consumer.in_flight_messages;
        want.bytes = consumer.credit_bytes - consumer.in_flight_bytes;
    }
    want.messages = std::min<std::uint64_t>(want.messages, limits::delivery_messages_max);
    want.bytes = std::min<std::uint64_t>(want.bytes, limits::delivery_bytes_max);
    return want;
}

namespace {

/// Reads on before the last chunk in memory is used up.
void read_ahead(State& state, Queue& queue, Round& round) {
    const Offset head = queue.acks.next_clear(queue.next);
    if (head >= queue.end || queue.window.bytes() > limits::window_bytes_per_queue_max / 2) {
        return;
    }
    const Offset behind = queue.window.known_end(head);
    if (behind < queue.end && !queue.window.resident(queue.acks.next_clear(behind)) &&
        queue.acks.next_clear(behind) < queue.end) {
        state.read_chunks(queue, queue.acks.next_clear(behind), std::nullopt, round);
    }
}

/// About how many messages could go out now: where groups may have few in flight, more wait than that.
std::uint64_t deliverable(const Queue& queue) {
    const std::uint32_t most = queue.groups ? most_in_flight(queue, nullptr) : 0;
    const std::uint64_t grouped = queue.grouped_waiting();
    const std::uint64_t of_groups =
        most == 0 ? grouped : std::min<std::uint64_t>(grouped, queue.groups->ring.ready() * most);
    return queue.waiting_count() - grouped + of_groups;
}

/// Nobody asks again and again: a timer is set for when there may be something, if anybody waits for it.
void wait_for_allowance(State& state, Queue& queue, const Allowance& allowed) {
    if (allowed.until != 0 && queue.waiting_count() != 0 && !queue.consumers.empty()) {
        queue.held_until = allowed.until;
        state.arm(queue, allowed.until);
    }
}

}  // namespace

void pump(State& state, Queue& queue, TimeMs now, Round& round) {
    if (!state.delivering) {
        return;
    }
    if (queue.keys && std::exchange(queue.keys->looking, false)) {
        state.arm(queue, now);  // Fetches may have waited for what is set aside.
    }
    bool wanted = true, reading = false;
    while (wanted && !reading) {
        wanted = false;
        const Allowance allowed = allowance_of(queue, now);
        if (allowed.messages == 0) {
            wait_for_allowance(state, queue, allowed);
            return;
        }
        const std::uint64_t eligible = static_cast<std::uint64_t>(
            std::count_if(queue.consumers.begin(), queue.consumers.end(),
                          [&](const Consumer* consumer) { return want_of(queue, *consumer).messages != 0; }));
        const std::uint64_t ready = std::min(deliverable(queue), allowed.messages);
        const std::uint64_t share =
            eligible <= 1 ? UINT64_MAX : std::max<std::uint64_t>(1, (ready + eligible - 1) / eligible);
        for (std::size_t i = 0; i < queue.consumers.size() && eligible != 0 && !reading; ++i) {
            Consumer& consumer = *queue.consumers[queue.next_consumer % queue.consumers.size()];
            Want want = want_of(queue, consumer);
            want.messages = std::min({want.messages, share, allowance_of(queue, now).messages});
            if (want.messages == 0 || queue.waiting_count() == 0) {
                queue.next_consumer = (queue.next_consumer + 1) % queue.consumers.size();
                continue;
            }
            Delivery delivery(state, queue, consumer, want, now, round);
            delivery.fill();
            reading = delivery.reading();
            // With keys another one may have what this one may not.
            if (delivery.waits_alone() || (queue.keys && delivery.empty() && !reading)) {
                queue.next_consumer = (queue.next_consumer + 1) % queue.consumers.size();
            }
            if (!delivery.empty()) {
                delivery.send();
                wanted = true;
                queue.next_consumer = (queue.next_consumer + 1) % queue.consumers.size();
            }
        }
        if (wanted) {
            read_ahead(state, queue, round);
        }
        if (queue.prioritized.wants_load()) {
            state.arm(queue, now);
        }
    }
}

}  // namespace baton::core
