#pragma once
// What the administration of queues shares with that of topics and subscriptions, which are queues of another kind.
// Included by the core's sources only.

#include "server/core/effect.hpp"
#include "server/core/ids.hpp"
#include "server/core/queue_settings.hpp"
#include "server/core/refusal.hpp"
#include "server/core/request.hpp"

#include <optional>
#include <string>

namespace baton::core {

struct Namespace;
struct Queue;
struct Round;
struct State;

/// A dead-letter target must be a queue that exists: a message must always have somewhere to go.
std::optional<Refusal> check_dead_letter(State& state, const std::string& ns, const std::string& name,
                                         const QueueSettings& settings);
/// Gives a queue other settings, and a subscription another `hold`, or refuses them; answers with its info. True when
/// they were taken.
bool change_queue_settings(State& state, Request&& request, Queue& queue, const QueueSettingsChange& change, TimeMs now,
                           Round& round, std::optional<bool> hold = {});
/// Nothing when there is room for one more queue of any kind.
std::optional<Refusal> check_queue_count(const State& state);
/// A new one with a number of its own, which is not found by its name yet.
Queue& new_queue(State& state, NamespaceId ns, std::string name, QueueKind kind, TimeMs now);
/// A new queue of any kind gets its name and its settings, which were checked.
void enter_namespace(State& state, Namespace& space, Queue& queue, QueueSettings&& settings, TimeMs now, Round& round);
/// What its record says of it has changed.
void put_queue_record(const Queue& queue, Round& round);
/// A page of the queues of one kind.
QueueList list_by_kind(State& state, const std::string& ns, const ListQueues& list, QueueKind kind, TimeMs now);
/// Everybody who holds or awaits something of it is told; its records go.
void erase_queue(State& state, Namespace& space, Queue& queue, TimeMs now, Round& round);  // queue_deletion.cpp

}  // namespace baton::core
