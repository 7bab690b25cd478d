#include "server/core/routing.hpp"

#include "server/core/group_overflow.hpp"
#include "server/core/overflow.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/reference_log.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <algorithm>

namespace baton::core {

namespace {

using Ranges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

void put_into_queue(State& state, Queue& queue, const Binding& binding, const EntryRun& run, const MetaPtr& meta,
                    TimeMs now, Round& round) {
    queue.totals.produced += run.count;
    if (binding.spec.options == BindingOptions{} && !meta) {
        append_run(state, queue, run.apart(), now, round);
        return;
    }
    for (std::uint32_t i = 0; i < run.count; ++i) {
        const EntryRun entry = run.slice(i, 1);
        store_message(state, queue, entry.apart(), options_of(binding.spec.options, entry, meta, now), now, round);
    }
}

/// Marks in `reached` what somebody has got.
void mark(std::vector<bool>& reached, const Ranges& ranges) {
    for (const auto& [first, count] : ranges) {
        std::fill_n(reached.begin() + first, count, true);
    }
}

/// The queue for what nobody else gets, or null.
Queue* alternate_of(State& state, const Queue& topic) {
    if (topic.keeps.alternate.empty()) {
        return nullptr;
    }
    for (const auto& [name, space] : state.namespaces) {
        const auto found = space.queues.find(topic.keeps.alternate);
        if (space.id == topic.ns && found != space.queues.end() && found->second->kind == QueueKind::queue) {
            return found->second;
        }
    }
    return nullptr;
}

/// The ranges of what nobody has got.
Ranges unreached(const std::vector<bool>& reached) {
    Ranges ranges;
    for (std::uint32_t i = 0; i < reached.size(); ++i) {
        if (reached[i]) {
            continue;
        }
        if (!ranges.empty() && ranges.back().first + ranges.back().second == i) {
            ranges.back().second += 1;
        } else {
            ranges.emplace_back(i, 1);
        }
    }
    return ranges;
}

void route_unrouted(State& state, Queue& alternate, const EntryRun& run, const std::vector<bool>& reached,
                    const MetaPtr& meta, TimeMs now, Round& round) {
    const Binding plain;
    for (const auto& [first, count] : unreached(reached)) {
        put_into_queue(state, alternate, plain, run.slice(first, count), meta, now, round);
    }
}

/// One route gets what it selects; listeners leave no trace, so they are nobody who has got it.
Ranges serve(State& state, Queue& topic, Route& route, const EntryRun& run, Offset first, const MetaPtr& meta,
             TimeMs now, Round& round) {
    const MessageFilter* filter = planted(PlantedBug::filter_forgotten) ? nullptr : route.selects->filter.get();
    Ranges ranges = matching(filter, run);
    Queue* const queue = route.binding != nullptr ? state.find(route.binding->queue) : nullptr;
    for (const auto& [from, count] : ranges) {
        const EntryRun part = run.slice(from, count);
        if (route.subscription != nullptr && !is_filling(*route.subscription, topic.id)) {
            append_references(state, *route.subscription, topic, part, first + from, meta, now, round);
        } else if (queue != nullptr) {
            put_into_queue(state, *queue, *route.binding, part, meta, now, round);
        } else if (route.listener != nullptr) {
            hear(*route.listener, topic.name, part, first + from, now, round);
        }
    }
    if (!ranges.empty() && route.listener == nullptr && route.reached_by != state.routing.produce) {
        route.reached_by = state.routing.produce;
        state.routing.reached += 1;
    }
    return route.listener == nullptr ? ranges : Ranges{};
}

/// The key of each entry of a produce; none when none has one.
using Keys = std::vector<std::string>;

Keys keys_of(const Produce& produce) {
    const bool some = produce.defaults.group || std::any_of(produce.options.begin(), produce.options.end(),
                                                            [](const auto& own) { return own.second.group; });
    Keys keys(some ? produce.entries.count : 0);
    std::size_t next = 0;
    for (std::uint32_t i = 0; i < keys.size(); ++i) {
        keys[i] = options_of(produce, next, i).group.value_or("");
    }
    return keys;
}

/// What of a produce a queue would get.
struct Share {
    Queue* queue = nullptr;
    std::uint64_t messages = 0, bytes = 0, largest = 0;
    /// By group, where groups of the queue have a maximum.
    std::map<std::string, std::uint64_t> groups;

    void add(const Ranges& ranges, const EntryRun& entries, const Keys& keys, const BindingOptions& options) {
        const bool by_group =
            queue->settings.groups.max_messages != 0 && (!options.group_header.empty() || !keys.empty());
        for (const auto& [first, count] : ranges) {
            messages += count;
            bytes += entries.slice(first, count).bytes().size();
            for (std::uint32_t i = first; i < first + count; ++i) {
                largest = std::max<std::uint64_t>(largest, entries.size_of(i));
                if (by_group) {
                    const auto named = group_by_header(options, entries.slice(i, 1));
                    groups[named ? *named : keys.empty() ? std::string() : keys[i]] += 1;
                }
            }
        }
    }
};

/// Every queue that gets something of a produce, with its share; whether anybody gets something.
class Shares {
public:
    Shares(State& state, Queue& topic, const EntryRun& entries, const Keys& keys) {
        std::vector<bool> reached(entries.count, !topic.subscriptions.empty());
        for (const Route* route : routes_of(state, topic)) {
            if (route->listener != nullptr) {
                continue;
            }
            const Ranges ranges = matching(route->selects->filter.get(), entries);
            mark(reached, ranges);
            if (Queue* queue = route->binding == nullptr ? nullptr : state.find(route->binding->queue)) {
                share_of(*queue).add(ranges, entries, keys, route->binding->spec.options);
            }
        }
        anybody_ = std::find(reached.begin(), reached.end(), true) != reached.end();
        if (Queue* alternate = alternate_of(state, topic)) {
            anybody_ = true;
            share_of(*alternate).add(unreached(reached), entries, keys, {});
        }
        std::erase_if(all_, [](const auto& one) { return one.second.messages == 0; });
    }
    bool anybody() const { return anybody_; }
    const std::map<QueueId, Share>& all() const { return all_; }

private:
    Share& share_of(Queue& queue) {
        Share& share = all_[queue.id];
        share.queue = &queue;
        return share;
    }

    bool anybody_ = false;
    std::map<QueueId, Share> all_;
};

/// A produce to a topic that leads into no queue, and may reach nobody, needs no look at its entries before it is
/// stored: subscriptions and listeners refuse nothing.
bool needs_nothing_else(State& state, Queue& topic, bool refuse_unrouted) {
    const auto& routes = routes_of(state, topic);
    const bool bound =
        std::any_of(routes.begin(), routes.end(), [](const Route* one) { return one->binding != nullptr; });
    return !bound && topic.keeps.alternate.empty() && (!refuse_unrouted || !topic.subscriptions.empty());
}

Refusal unrouted() {
    return {RefusalCode::no_subscription, "no subscription and no binding of the topic gets any of it",
            "produce.refuse_unrouted"};
}

std::optional<Refusal> check(const Share& share) {
    const Queue& queue = *share.queue;
    if (share.largest > queue.settings.max_message_bytes) {
        return too_large(queue);
    }
    for (const auto& [group, count] : share.groups) {
        if (!group_has_room(queue, group, count)) {
            return group_full(queue);
        }
    }
    if (over_limit(queue, share.messages, share.bytes) && !may_make_room(queue, share.messages, share.bytes)) {
        return queue_full(queue);
    }
    return std::nullopt;
}

std::optional<Refusal> check(const Shares& shares, bool refuse_unrouted) {
    if (refuse_unrouted && !shares.anybody()) {
        return unrouted();
    }
    for (const auto& [id, share] : shares.all()) {
        if (auto fault = check(share)) {
            fault->message = "queue '" + share.queue->name + "', which is bound to the topic: " + fault->message;
            return fault;
        }
    }
    return std::nullopt;
}

/// The queue has room for its share, or makes it.
Readiness prepare_queue(State& state, const Share& share, Request& request, std::optional<Refusal>& fault, TimeMs now,
                        Round& round) {
    if (!over_limit(*share.queue, share.messages, share.bytes)) {
        return Readiness::ready;
    }
    switch (make_room(state, *share.queue, share.messages, share.bytes, request, now, round)) {
        case Room::yes:
            return Readiness::ready;
        case Room::reading:
            return Readiness::parked;
        case Room::no:
            break;
    }
    fault = queue_full(*share.queue);
    return Readiness::refused;
}

}  // namespace

const std::vector<Route*>& routes_of(State& state, Queue& topic) {
    const auto table = state.routing.tables.find(topic.ns);
    if (table != state.routing.tables.end() && topic.routes_version != table->second.version()) {
        topic.routes = table->second.routes_of(topic.name);
        topic.routes_version = table->second.version();
    }
    return topic.routes;
}

void route(State& state, Queue& topic, const EntryRun& run, Offset first, const MetaPtr& meta, TimeMs now,
           Round& round) {
    if (routes_of(state, topic).empty() && topic.keeps.alternate.empty()) {
        return;
    }
    Queue* const alternate = alternate_of(state, topic);
    std::vector<bool> reached(alternate == nullptr ? 0 : run.count, !topic.subscriptions.empty());
    for (Route* one : routes_of(state, topic)) {
        const Ranges ranges = serve(state, topic, *one, run, first, meta, now, round);
        if (alternate != nullptr) {
            mark(reached, ranges);
        }
    }
    if (alternate != nullptr) {
        route_unrouted(state, *alternate, run, reached, meta, now, round);
    }
}

namespace {

Readiness prepare_shares(State& state, const Shares& shares, bool refuse_unrouted, Request& request,
                         std::optional<Refusal>& fault, TimeMs now, Round& round) {
    if ((fault = check(shares, refuse_unrouted))) {
        return Readiness::refused;
    }
    auto* const produce = std::get_if<Produce>(&request.body);
    for (const auto& [id, share] : shares.all()) {
        // It waits elsewhere than in its topic, which must know it when it comes back.
        if (produce != nullptr) {
            produce->holds_turn = true;
        }
        if (room_unknown(*share.queue)) {
            share.queue->waiting_attach.push_back(std::move(request));
            return Readiness::parked;
        }
        if (const Readiness ready = prepare_queue(state, share, request, fault, now, round);
            ready != Readiness::ready) {
            return ready;
        }
        if (produce != nullptr) {
            produce->holds_turn = false;
        }
    }
    return Readiness::ready;
}

}  // namespace

Readiness prepare_routes(State& state, Queue& queue, const Produce& produce, Request& request,
                         std::optional<Refusal>& fault, TimeMs now, Round& round) {
    if (queue.kind != QueueKind::topic || needs_nothing_else(state, queue, produce.refuse_unrouted)) {
        return Readiness::ready;
    }
    const Shares shares(state, queue, produce.entries, keys_of(produce));
    return prepare_shares(state, shares, produce.refuse_unrouted, request, fault, now, round);
}

Readiness prepare_routes(State& state, Queue& queue, const EntryRun& entry, const EntryOptions& options,
                         Request& request, std::optional<Refusal>& fault, TimeMs now, Round& round) {
    if (queue.kind != QueueKind::topic || needs_nothing_else(state, queue, false)) {
        return Readiness::ready;
    }
    const Shares shares(state, queue, entry, options.group ? Keys{*options.group} : Keys{});
    return prepare_shares(state, shares, false, request, fault, now, round);
}

std::optional<Refusal> check_routes(State& state, Queue& topic, const Produce& produce) {
    return needs_nothing_else(state, topic, produce.refuse_unrouted)
               ? std::nullopt
               : check(Shares(state, topic, produce.entries, keys_of(produce)), produce.refuse_unrouted);
}

}  // namespace baton::core
