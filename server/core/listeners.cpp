#include "server/core/limits.hpp"
#include "server/core/listener.hpp"
#include "server/core/routing.hpp"
#include "server/core/state.hpp"
#include "server/core/word_pattern.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace baton::core {

namespace {

Listener* find_listener(State& state, ConnectionId connection, std::uint64_t id) {
    const auto found = state.routing.listeners.find({connection, id});
    return found == state.routing.listeners.end() ? nullptr : found->second.get();
}

void credit(Listener& listener, std::uint64_t messages, std::uint64_t bytes) {
    listener.credit_messages = std::min(listener.credit_messages + messages, limits::listen_messages_max);
    listener.credit_bytes = std::min(listener.credit_bytes + bytes, limits::listen_bytes_max);
}

std::optional<Refusal> check_listen(State& state, const Request& request, const Listen& listen) {
    if (find_listener(state, request.connection, listen.listener) != nullptr) {
        return invalid("listen.listener_id", "this connection has a listener of this id");
    }
    std::uint32_t open = 0;
    const auto& all = state.routing.listeners;
    for (auto at = all.lower_bound({request.connection, 0}); at != all.end() && at->first.first == request.connection;
         ++at) {
        ++open;
    }
    if (open >= limits::listeners_per_connection_max) {
        return Refusal{RefusalCode::too_many_streams, "too many listeners are open on this connection",
                       "listen.listener_id", limits::listeners_per_connection_max};
    }
    if (!request.ns.empty() && request.ns != "default" && !state.namespaces.contains(request.ns)) {
        // A listener writes nothing, and so makes no namespace.
        return Refusal{RefusalCode::queue_not_found, "there is nothing in this namespace yet", "namespace"};
    }
    if (listen.inbox) {
        return std::nullopt;
    }
    auto fault = check_pattern(listen.selects->pattern, "listen.topics");
    if (!fault && listen.selects->filter) {
        fault = check_message_filter(*listen.selects->filter, "listen.filter");
    }
    return fault;
}

void start(State& state, const Request& request, Round& round) {
    const auto& listen = std::get<Listen>(request.body);
    if (auto fault = check_listen(state, request, listen)) {
        reply(request, std::move(*fault), round);
        return;
    }
    auto made = std::make_unique<Listener>();
    made->connection = request.connection;
    made->id = listen.listener;
    made->ns = namespace_of(state, request.ns, round).id;
    credit(*made, listen.messages, listen.bytes);
    ListenStarted started;
    if (listen.inbox) {
        // The epoch keeps answers to a question from before a restart out of the inboxes of after.
        started.inbox =
            inbox_prefix + std::to_string(state.options.epoch) + '/' + std::to_string(state.routing.next_inbox++);
        state.routing.inboxes[started.inbox] = made.get();
        made->inbox = started.inbox;
    } else {
        made->route.selects = listen.selects;
        made->route.listener = made.get();
        state.routing.tables[made->ns].add(made->route);
    }
    state.routing.listeners[{request.connection, listen.listener}] = std::move(made);
    reply(request, std::move(started), round);
}

void stop(State& state, const Listener& listener) {
    if (listener.route.selects) {
        state.routing.tables[listener.ns].remove(listener.route);
    }
    if (!listener.inbox.empty()) {
        state.routing.inboxes.erase(listener.inbox);
    }
    state.routing.listeners.erase({listener.connection, listener.id});
}

/// Tells of what was lost as soon as the listener takes something again.
void tell_loss(Listener& listener, TimeMs now, Round& round) {
    if (listener.lost != 0 && listener.credit_messages != 0) {
        round.effects.emplace_back(Heard{listener.connection, listener.id, {}, 0, now, {}, listener.lost});
        listener.lost = 0;
    }
}

}  // namespace

void hear(Listener& listener, const std::string& topic, const EntryRun& run, Offset first, TimeMs now, Round& round) {
    std::uint32_t count = 0;
    std::uint64_t bytes = 0;
    while (count < run.count && count < listener.credit_messages &&
           bytes + run.size_of(count) <= listener.credit_bytes) {
        bytes += run.size_of(count++);
    }
    if (count != 0) {
        listener.credit_messages -= count;
        listener.credit_bytes -= bytes;
        round.effects.emplace_back(Heard{listener.connection, listener.id, topic, first, now,
                                         run.slice(0, count).apart(), std::exchange(listener.lost, 0)});
    }
    listener.lost += run.count - count;
}

void produce_to_inbox(State& state, const Request& request, TimeMs now, Round& round) {
    const auto& produce = std::get<Produce>(request.body);
    const auto inbox = state.routing.inboxes.find(produce.queue);
    const auto space = state.namespaces.find(request.ns.empty() ? std::string("default") : request.ns);
    if (inbox == state.routing.inboxes.end() || space == state.namespaces.end() ||
        inbox->second->ns != space->second.id) {
        refuse(request, RefusalCode::queue_not_found, "nobody listens at '" + produce.queue + "' any more",
               "produce.queue", round);
        return;
    }
    if (!produce.options.empty() || produce.defaults.any()) {
        reply(request, invalid("produce.options", "what goes to an inbox is handed out at once: it has no options"),
              round);
        return;
    }
    Listener& listener = *inbox->second;
    // All or nothing: a part that was handed over would come again with the next try.
    if (produce.entries.count > listener.credit_messages || produce.entries.bytes().size() > listener.credit_bytes) {
        refuse(request, RefusalCode::queue_full, "who listens at the inbox takes no more now", "produce.queue", round);
        return;
    }
    hear(listener, {}, produce.entries, 0, now, round);
    Produced done;
    done.count = produce.entries.count;
    done.durability = Durability::os;
    done.subscriptions = 1;
    reply(request, std::move(done), round);
}

void drop_listeners(State& state, ConnectionId connection) {
    auto& all = state.routing.listeners;
    for (auto at = all.lower_bound({connection, 0}); at != all.end() && at->first.first == connection;
         at = all.lower_bound({connection, 0})) {
        stop(state, *at->second);
    }
}

bool is_listen_request(const RequestBody& body) {
    return std::holds_alternative<Listen>(body) || std::holds_alternative<CreditListener>(body) ||
           std::holds_alternative<StopListening>(body);
}

void apply_listen_request(State& state, Request&& request, TimeMs now, Round& round) {
    if (std::holds_alternative<Listen>(request.body)) {
        start(state, request, round);
        return;
    }
    const auto* more = std::get_if<CreditListener>(&request.body);
    Listener* listener = find_listener(
        state, request.connection, more != nullptr ? more->listener : std::get<StopListening>(request.body).listener);
    if (more == nullptr) {
        if (listener != nullptr) {
            stop(state, *listener);
        }
        reply(request, Done{}, round);
        return;
    }
    if (listener == nullptr) {
        refuse(request, RefusalCode::stream_not_found, "there is no such listener on this connection",
               "credit_listener.listener_id", round);
        return;
    }
    credit(*listener, more->messages, more->bytes);
    reply(request, Done{}, round);
    tell_loss(*listener, now, round);
}

}  // namespace baton::core
