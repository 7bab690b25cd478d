// Fetch: a pull of up to n messages that waits a bounded time for the first.
#include "server/core/allowance.hpp"
#include "server/core/limits.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

namespace {

void answer_empty(const Consumer& consumer, const WaitingFetch& fetch, std::uint64_t epoch, Round& round) {
    Deliver empty;
    empty.connection = consumer.connection;
    empty.request = fetch.request;
    empty.consumer = consumer.id;
    empty.token = {epoch, consumer.queue, 0};
    round.effects.push_back(std::move(empty));
}

/// Some fetch has waited for its time, a moment ago at most: what waits may be held back for long.
bool just_over(const Queue& queue, TimeMs now) {
    constexpr DurationMs moment_ms = 10;
    return std::any_of(queue.consumers.begin(), queue.consumers.end(), [now](const Consumer* consumer) {
        return std::any_of(consumer->fetches.begin(), consumer->fetches.end(), [now](const WaitingFetch& fetch) {
            return fetch.deadline <= now && now - fetch.deadline < moment_ms;
        });
    });
}

std::optional<Refusal> check(const Fetch& fetch) {
    if (fetch.max_messages == 0 || fetch.max_messages > limits::credit_messages_max) {
        return invalid("fetch.max_messages", "max_messages is from 1 to 65536", limits::credit_messages_max);
    }
    if (fetch.max_bytes > limits::credit_bytes_max) {
        return invalid("fetch.max_bytes", "max_bytes is at most 8 MiB", limits::credit_bytes_max);
    }
    if (fetch.wait_ms < 0 || fetch.wait_ms > limits::fetch_wait_ms_max) {
        return invalid("fetch.wait_ms", "wait_ms is at most 20000", limits::fetch_wait_ms_max);
    }
    if (fetch.lease_ms != 0 && (fetch.lease_ms < limits::lease_ms_min || fetch.lease_ms > limits::lease_ms_max)) {
        return invalid("fetch.lease_ms", "lease_ms is from 1000 to 43200000", limits::lease_ms_max);
    }
    return std::nullopt;
}

}  // namespace

void apply_fetch(State& state, Request&& request, TimeMs now, Round& round) {
    const Fetch& fetch = std::get<Fetch>(request.body);
    Session* session = state.session_of(request.connection);
    const auto found =
        session == nullptr ? decltype(session->consumers.end()){} : session->consumers.find(fetch.consumer);
    if (session == nullptr || found == session->consumers.end()) {
        refuse(request, RefusalCode::consumer_not_found, "there is no such consumer in this session",
               "fetch.consumer_id", round);
        return;
    }
    if (auto fault = check(fetch)) {
        reply(request, std::move(*fault), round);
        return;
    }
    if (value(request.id) == 0) {
        return;  // Without a request id the messages could not be told apart from pushed ones.
    }
    Consumer& consumer = *found->second;
    // A client's patience is real time: beside a virtual clock the engine ends the wait.
    const bool by_engine = state.options.virtual_clock && fetch.wait_ms > 0;
    const TimeMs deadline = by_engine ? INT64_MAX : now + fetch.wait_ms;
    consumer.fetches.push_back({request.id, fetch.max_messages,
                                fetch.max_bytes == 0 ? limits::credit_bytes_max : fetch.max_bytes, deadline,
                                fetch.lease_ms});
    Queue* queue = state.find(consumer.queue);
    state.pump_later(*queue);
    if (!by_engine) {
        state.arm(*queue, deadline);
    }
}

void expire_fetches(State& state, Queue& queue, TimeMs now, Round& round) {
    if (queue.chunk_read_pending || queue.lane.head_unknown() || queue.prioritized_unknown() ||
        (queue.groups && queue.groups->ring.reading()) || (queue.keys && queue.keys->looking)) {
        return;  // There is something to deliver and it is on its way from the disk; the read's answer comes back here.
    }
    if (just_over(queue, now) && queue.to_pump && queue.waiting_count() != 0 && state.delivering &&
        allowance_of(queue, now).messages != 0) {
        state.arm(queue, now + 1);  // The end of this round delivers; what then is still empty-handed is answered so.
        return;
    }
    for (Consumer* consumer : queue.consumers) {
        auto& fetches = consumer->fetches;
        for (auto fetch = fetches.begin(); fetch != fetches.end();) {
            if (fetch->deadline <= now) {
                answer_empty(*consumer, *fetch, state.options.epoch, round);
                fetch = fetches.erase(fetch);
            } else {
                if (fetch->deadline != INT64_MAX) {
                    state.arm(queue, fetch->deadline);
                }
                ++fetch;
            }
        }
    }
}

void drop_fetches(State& state, Consumer& consumer, Round& round) {
    for (const WaitingFetch& fetch : consumer.fetches) {
        answer_empty(consumer, fetch, state.options.epoch, round);
    }
    consumer.fetches.clear();
}

void cancel_fetch(State& state, const Request& request, RequestId target, Round& round) {
    Session* session = state.session_of(request.connection);
    if (session == nullptr) {
        return;
    }
    for (auto& [id, consumer] : session->consumers) {
        auto& fetches = consumer->fetches;
        const auto found = std::find_if(fetches.begin(), fetches.end(),
                                        [&](const WaitingFetch& fetch) { return fetch.request == target; });
        if (found != fetches.end()) {
            answer_empty(*consumer, *found, state.options.epoch, round);
            fetches.erase(found);
            break;
        }
    }
    reply(request, Done{}, round);
}

}  // namespace baton::core
