#pragma once
// From topics to those who select their messages: subscriptions with a pattern or a filter, bindings, listeners, and
// the queue for what nobody else got. Included by the core's sources only.

#include "server/core/binding.hpp"
#include "server/core/binding_mutation.hpp"
#include "server/core/listener.hpp"
#include "server/core/produce_plan.hpp"
#include "server/core/request.hpp"
#include "server/core/route_table.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace baton::core {

struct Queue;
struct Round;
struct State;

/// All of the shard; part of the state.
struct Routing {
    std::map<NamespaceId, RouteTable> tables;
    std::map<std::pair<NamespaceId, std::string>, std::unique_ptr<Binding>> bindings;
    std::map<std::pair<ConnectionId, std::uint64_t>, std::unique_ptr<Listener>> listeners;
    std::map<std::string, Listener*, std::less<>> inboxes;
    std::uint64_t next_inbox = 1;
    /// The number of the produce that runs now, and how many routes it has reached so far.
    std::uint64_t produce = 0;
    std::uint32_t reached = 0;

    void begin_produce() {
        ++produce;
        reached = 0;
    }
};

/// Who selects from this topic, by number.
const std::vector<Route*>& routes_of(State& state, Queue& topic);
/// The entries at [first, first + run.count) of the topic, just appended, go to everybody who selects them.
/// With a meta it is one.
void route(State& state, Queue& topic, const EntryRun& run, Offset first, const MetaPtr& meta, TimeMs now,
           Round& round);
/// What a produce to a topic needs beyond the topic: room in the queues that get it, and somebody who gets it when the
/// produce asks for that. `request` waits while something is read. Any other queue is ready.
Readiness prepare_routes(State& state, Queue& queue, const Produce& produce, Request& request,
                         std::optional<Refusal>& fault, TimeMs now, Round& round);
/// The same for one entry of a schedule.
Readiness prepare_routes(State& state, Queue& queue, const EntryRun& entry, const EntryOptions& options,
                         Request& request, std::optional<Refusal>& fault, TimeMs now, Round& round);
/// The same for a produce without making room.
std::optional<Refusal> check_routes(State& state, Queue& topic, const Produce& produce);

// ---- bindings.cpp

void apply_binding_request(State& state, Request&& request, Round& round);
bool is_binding_request(const RequestBody& body);
/// Bindings into a queue that is deleted.
void remove_bindings_of(State& state, const Queue& queue, Round& round);
void restore_binding(State& state, const PutBinding& record);
/// What a binding's job is stored with; what the binding does not say is the message's own.
EntryOptions options_of(const BindingOptions& options, const EntryRun& entry, const MetaPtr& meta, TimeMs now);
/// The group that the binding's header names for this entry; without one the message's key is the group of its job.
std::optional<std::string> group_by_header(const BindingOptions& options, const EntryRun& entry);

// ---- listeners.cpp

void apply_listen_request(State& state, Request&& request, TimeMs now, Round& round);
bool is_listen_request(const RequestBody& body);
/// Entries for a listener: as many as it allows, from the first on.
void hear(Listener& listener, const std::string& topic, const EntryRun& run, Offset first, TimeMs now, Round& round);
/// A produce to an inbox: handed out or refused, stored nowhere.
void produce_to_inbox(State& state, const Request& request, TimeMs now, Round& round);
void drop_listeners(State& state, ConnectionId connection);

}  // namespace baton::core
