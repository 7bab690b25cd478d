// Consumer sessions: opening, resuming, losing the connection, ending; and the consumers in them.
#include "server/core/cancel.hpp"
#include "server/core/job_wait.hpp"
#include "server/core/limits.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"

#include <algorithm>

namespace baton::core {

namespace {

void open_session(State& state, Request&& request, Round& round) {
    const OpenSession& open = std::get<OpenSession>(request.body);
    const auto found = value(open.resume) == 0 ? state.sessions.end() : state.sessions.find(open.resume);
    const bool resumed = found != state.sessions.end();
    Session* session = nullptr;
    if (resumed) {
        session = found->second.get();
        state.connections.erase(session->connection);
        state.session_timers.erase({session->ends_at, session->id});
        for (auto& [id, consumer] : session->consumers) {
            consumer->connection = ConnectionId{};  // Until it is declared again.
            consumer->fetches.clear();
        }
    } else {
        auto fresh = std::make_unique<Session>();
        fresh->id = open.fresh;
        session = fresh.get();
        state.sessions[open.fresh] = std::move(fresh);
    }
    session->connection = request.connection;
    session->client = open.client;
    session->grace_ms = std::clamp<DurationMs>(open.grace_ms, 0, limits::session_grace_ms_max);
    session->ends_at = 0;
    state.connections[request.connection] = session;
    reply(request, SessionOpened{session->id, resumed, session->grace_ms}, round);
}

void connection_lost(State& state, const Request& request, TimeMs now, Round& round) {
    drop_blocked(state, request.connection);
    drop_waits(state, request.connection);
    drop_streams(state, request.connection);
    drop_listeners(state, request.connection);
    Session* session = state.session_of(request.connection);
    if (session == nullptr) {
        return;
    }
    state.connections.erase(request.connection);
    session->connection = ConnectionId{};
    for (auto& [id, consumer] : session->consumers) {
        consumer->connection = ConnectionId{};
        consumer->fetches.clear();
        state.pump_later(*state.find(consumer->queue));  // With failover it is another's turn.
    }
    if (session->grace_ms == 0 || session->consumers.empty()) {
        end_session(state, *session, now, round);
        return;
    }
    session->ends_at = now + session->grace_ms;
    state.session_timers.emplace(session->ends_at, session->id);
}

std::optional<Refusal> check(const OpenConsumer& open) {
    if (open.credit_messages > limits::credit_messages_max) {
        return invalid("open_consumer.credit_messages", "credit_messages is at most 65536",
                       limits::credit_messages_max);
    }
    if (open.credit_bytes > limits::credit_bytes_max) {
        return invalid("open_consumer.credit_bytes", "credit_bytes is at most 8 MiB", limits::credit_bytes_max);
    }
    if (open.lease_ms != 0 && (open.lease_ms < limits::lease_ms_min || open.lease_ms > limits::lease_ms_max)) {
        return invalid("open_consumer.lease_ms", "lease_ms is from 1000 to 43200000", limits::lease_ms_max);
    }
    if (open.worker.size() > limits::worker_bytes_max) {
        return invalid("open_consumer.worker", "worker has at most 255 bytes", limits::worker_bytes_max);
    }
    return std::nullopt;
}

/// Batches that the server believes delivered and the client does not hold never arrived: they go back, uncounted.
void reconcile_held(State& state, Queue& queue, Consumer& consumer, const OpenConsumer& open, TimeMs now,
                    Round& round) {
    const std::set<BatchNumber> held(open.held_batches.begin(), open.held_batches.end());
    const std::set<BatchNumber> believed = consumer.batches;
    for (const BatchNumber number : believed) {
        if (!held.contains(number)) {
            give_back_batch(state, queue, *queue.leases.find(number), {Cause::consumer_lost, false, 0, ""}, now, round);
        }
    }
}

void open_consumer(State& state, Request&& request, TimeMs now, Round& round) {
    const OpenConsumer& open = std::get<OpenConsumer>(request.body);
    Session* session = state.session_of(request.connection);
    Queue* queue = state.find(request.ns, open.queue);
    if (session == nullptr || queue == nullptr) {
        reply(request, no_such_queue(open.queue), round);
        return;
    }
    if (queue->kind == QueueKind::topic) {
        refuse(request, RefusalCode::wrong_kind, "a topic is consumed through its subscriptions", "open_consumer.queue",
               round);
        return;
    }
    if (auto fault = check(open)) {
        reply(request, std::move(*fault), round);
        return;
    }
    auto found = session->consumers.find(open.consumer);
    const bool exists = found != session->consumers.end();
    if (exists && (!open.redeclared || found->second->queue != queue->id)) {
        refuse(request, RefusalCode::consumer_exists, "this session has a consumer with this id",
               "open_consumer.consumer_id", round);
        return;
    }
    if (!exists && session->consumers.size() >= limits::consumers_per_session_max) {
        refuse(request, RefusalCode::too_many_consumers, "a session has at most 1024 consumers", "", round);
        return;
    }
    if (!exists && queue->settings.consumer_mode == ConsumerMode::exclusive && !queue->consumers.empty()) {
        refuse(request, RefusalCode::consumer_exists, "the queue has its one consumer", "open_consumer.queue", round);
        return;
    }
    if (!exists) {
        auto fresh = std::make_unique<Consumer>();
        fresh->id = open.consumer;
        fresh->session = session->id;
        fresh->queue = queue->id;
        fresh->declared_at = now;
        found = session->consumers.emplace(open.consumer, std::move(fresh)).first;
        queue->consumers.push_back(found->second.get());
    }
    Consumer& consumer = *found->second;
    consumer.connection = request.connection;
    consumer.credit_messages = open.credit_messages;
    consumer.credit_bytes = open.credit_bytes == 0 ? limits::credit_bytes_max : open.credit_bytes;
    consumer.lease_ms = open.lease_ms;
    consumer.worker = open.worker;
    consumer.priority = open.priority;
    if (exists) {
        reconcile_held(state, *queue, consumer, open, now, round);
        tell_revoked_again(*queue, consumer, now, round);
    }
    state.pump_later(*queue);
    reply(request, Done{}, round);
}

}  // namespace

void close_consumer(State& state, Session& session, Consumer& consumer, TimeMs now, Round& round) {
    drop_fetches(state, consumer, round);
    Queue* queue = state.find(consumer.queue);
    if (queue != nullptr) {
        const std::set<BatchNumber> held = consumer.batches;
        for (const BatchNumber number : held) {
            if (LeaseBatch* batch = queue->leases.find(number)) {
                give_back_batch(state, *queue, *batch, {Cause::consumer_lost, true, 0, "consumer lost"}, now, round);
            }
            if (LeaseBatch* rest = queue->leases.find(number)) {
                rest->consumer = nullptr;  // What is left of it waits for its body.
            }
        }
        std::erase(queue->consumers, &consumer);
        state.pump_later(*queue);
    }
    session.consumers.erase(consumer.id);
}

void end_session(State& state, Session& session, TimeMs now, Round& round) {
    while (!session.consumers.empty()) {
        close_consumer(state, session, *session.consumers.begin()->second, now, round);
    }
    state.session_timers.erase({session.ends_at, session.id});
    state.connections.erase(session.connection);
    state.sessions.erase(session.id);
}

void apply_session_request(State& state, Request&& request, TimeMs now, Round& round) {
    Session* session = state.session_of(request.connection);
    if (std::holds_alternative<OpenSession>(request.body)) {
        open_session(state, std::move(request), round);
    } else if (std::holds_alternative<ConnectionLost>(request.body)) {
        connection_lost(state, request, now, round);
    } else if (std::holds_alternative<CloseSession>(request.body)) {
        cancel_wait(state, request.connection, RequestId{}, round);
        drop_streams(state, request.connection);
        drop_listeners(state, request.connection);
        if (session != nullptr) {
            end_session(state, *session, now, round);
        }
        reply(request, Done{}, round);
    } else if (const auto* cancel = std::get_if<CancelRequest>(&request.body)) {
        if (value(cancel->request) != 0) {
            cancel_wait(state, request.connection, cancel->request, round);
        }
        cancel_fetch(state, request, cancel->request, round);
    } else if (std::holds_alternative<OpenConsumer>(request.body)) {
        open_consumer(state, std::move(request), now, round);
    } else {
        const auto* close = std::get_if<CloseConsumer>(&request.body);
        const auto* credit = std::get_if<SetCredit>(&request.body);
        const ConsumerId id = close != nullptr ? close->consumer : credit->consumer;
        const auto found = session == nullptr ? decltype(session->consumers.end()){} : session->consumers.find(id);
        if (session == nullptr || found == session->consumers.end()) {
            refuse(request, RefusalCode::consumer_not_found, "there is no such consumer in this session", "consumer_id",
                   round);
            return;
        }
        if (close != nullptr) {
            close_consumer(state, *session, *found->second, now, round);
        } else if (credit->credit_messages > limits::credit_messages_max ||
                   credit->credit_bytes > limits::credit_bytes_max) {
            reply(request,
                  invalid("set_credit.credit_messages", "credit is at most 65536 messages and 8 MiB",
                          limits::credit_messages_max),
                  round);
            return;
        } else {
            found->second->credit_messages = credit->credit_messages;
            found->second->credit_bytes = credit->credit_bytes == 0 ? limits::credit_bytes_max : credit->credit_bytes;
            state.pump_later(*state.find(found->second->queue));
        }
        reply(request, Done{}, round);
    }
}

}  // namespace baton::core
