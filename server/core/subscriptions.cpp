// Subscriptions: made, fed with what their topic gets, and joined with it again after a restart. What is published
// costs a subscription nothing on disk: its end is its topic's.
#include "server/core/limits.hpp"
#include "server/core/queue_administration.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"
#include "server/core/word_pattern.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace baton::core {

namespace {

/// It has everything that its topic has.
void catch_up(Queue& subscription) {
    const Queue& topic = *subscription.topic;
    subscription.live_bytes += topic.log_bytes - subscription.log_bytes;
    subscription.log_bytes = topic.log_bytes;
    subscription.end = topic.end;
}

Queue& add_subscription(State& state, Queue& topic, const CreateSubscription& create, const Beginning& at, TimeMs now,
                        Round& round) {
    Queue& queue = new_queue(state, topic.ns, subscription_name(topic.name, create.name), QueueKind::subscription, now);
    queue.topic_id = topic.id;
    queue.hold = create.hold.value_or(false);
    queue.acks.reset(at.offset);
    queue.next = queue.horizon = queue.began = at.offset;
    queue.topic = &topic;
    queue.log_bytes = topic.log_bytes;
    queue.end = topic.end;
    queue.live_bytes = at.bytes;
    queue.holes = holes_from(topic, at.offset);
    topic.subscriptions.emplace(create.name, &queue);
    queue.delivery_log = topic.keeps.delivery_log;
    state.touch(queue, round);
    return queue;
}

MessageFilterPtr filter_of(const Queue& subscription) {
    return subscription.selects ? subscription.selects->filter : nullptr;
}

/// From now on it gets this.
void select(State& state, Queue& subscription, Selection&& selection) {
    RouteTable& table = state.routing.tables[subscription.ns];
    Route& route = references_of(subscription).route;
    if (route.selects) {
        table.remove(route);
    }
    subscription.selects = std::make_shared<const Selection>(std::move(selection));
    route.selects = subscription.selects;
    route.subscription = &subscription;
    table.add(route);
}

/// One of this name is there: nothing to do, or other settings.
void meet_existing(State& state, Request&& request, Queue& known, TimeMs now, Round& round) {
    const CreateSubscription& create = std::get<CreateSubscription>(request.body);
    const QueueSettings wanted = changed(default_settings(Profile::message), create.settings, now);
    const bool hold = create.hold.value_or(create.update && known.hold);
    const MessageFilterPtr filter = create.filter || !create.update ? create.filter : filter_of(known);
    if (known.settings == wanted && known.hold == hold && same_filter(filter_of(known), filter)) {
        reply(request, std::make_shared<const QueueInfo>(info_of(known, now)), round);
        return;
    }
    if (!create.update) {
        refuse(request, RefusalCode::queue_exists, "the topic has a subscription of this name with other settings",
               "name", round);
        return;
    }
    if (!known.selects && !same_filter(nullptr, filter)) {
        reply(request, invalid("create_subscription.filter", "a subscription has a filter from its beginning or never"),
              round);
        return;
    }
    const SelectionPtr before = known.selects;
    if (before) {
        select(state, known, {before->pattern, filter});  // It is a part of the record that follows.
    }
    const QueueSettingsChange change = create.settings;
    if (!change_queue_settings(state, std::move(request), known, change, now, round, hold) && before) {
        select(state, known, Selection(*before));
    }
    let_go(state, known);
}

std::optional<Refusal> check_new(State& state, const Request& request, const CreateSubscription& create,
                                 const QueueSettings& settings) {
    if (auto fault = check_name(create.name, "create_subscription.name")) {
        return fault;
    }
    if (create.filter) {
        if (auto fault = check_message_filter(*create.filter, "create_subscription.filter")) {
            return fault;
        }
    }
    if (is_pattern(create.topic)) {
        if (auto fault = check_pattern(create.topic, "create_subscription.topic")) {
            return fault;
        }
        if (std::holds_alternative<StartOffset>(create.start)) {
            return invalid("create_subscription.start.offset", "topics of a pattern have offsets of their own");
        }
    }
    if (auto fault = check_settings(settings)) {
        return fault;
    }
    if (auto fault = check_kind_settings(QueueKind::subscription, settings)) {
        return fault;
    }
    const std::string name = subscription_name(create.topic, create.name);
    if (name.size() > limits::name_bytes_max) {
        return invalid("create_subscription.name", "topic and name have at most 254 bytes together",
                       limits::name_bytes_max);
    }
    if (auto full = check_queue_count(state)) {
        return full;
    }
    return check_dead_letter(state, request.ns, name, settings);
}

/// One that selects, by a pattern or by a filter of one topic; it begins with the past that it is to have.
Queue& add_selecting(State& state, Namespace& space, Queue* topic, const CreateSubscription& create,
                     const std::optional<Beginning>& at, TimeMs now, Round& round) {
    Queue& queue =
        new_queue(state, space.id, subscription_name(create.topic, create.name), QueueKind::subscription, now);
    queue.hold = create.hold.value_or(false);
    select(state, queue, {create.topic, create.filter});
    if (topic != nullptr) {
        queue.topic_id = topic->id;
        queue.began = at->offset;
        topic->filtering.emplace(create.name, &queue);
        queue.delivery_log = topic->keeps.delivery_log;
    }
    fill_from(state, space, queue, create.start, at, round);
    state.touch(queue, round);
    return queue;
}

}  // namespace

void fill_from(State& state, Namespace& space, Queue& subscription, const StartAt& start,
               const std::optional<Beginning>& at, Round& round) {
    if (const Queue* topic = state.find(subscription.topic_id)) {
        if (at && at->offset < topic->end) {
            const bool per_key = std::holds_alternative<StartLastPerKey>(start);
            begin_fill(state, subscription, *topic, {at->offset, 0, per_key ? topic->end : 0}, round);
        }
        return;
    }
    if (std::holds_alternative<StartNow>(start)) {
        return;
    }
    const auto* since = std::get_if<StartTime>(&start);
    const bool last = std::holds_alternative<StartLast>(start);
    const bool per_key = std::holds_alternative<StartLastPerKey>(start);
    for (const auto& [name, topic] : space.queues) {
        if (topic->kind == QueueKind::topic && topic->acks.low() < topic->end &&
            name_matches(subscription.selects->pattern, name) && (!per_key || topic->keeps.compact)) {
            const Offset from = last ? topic->end - 1 : topic->acks.low();
            begin_fill(state, subscription, *topic, {from, since == nullptr ? 0 : since->at, per_key ? topic->end : 0},
                       round);
        }
    }
}

void create_subscription(State& state, Request&& request, TimeMs now, Round& round) {
    auto& create = std::get<CreateSubscription>(request.body);
    const bool many = is_pattern(create.topic);
    Queue* topic = many ? nullptr : find_topic(state, request, create.topic, round);
    if (topic == nullptr && !many) {
        return;
    }
    const QueueSettings settings = changed(default_settings(Profile::message), create.settings, now);
    if (Queue* known = state.find(request.ns, subscription_name(create.topic, create.name))) {
        meet_existing(state, std::move(request), *known, now, round);
        return;
    }
    if (auto fault = check_new(state, request, create, settings)) {
        reply(request, std::move(*fault), round);
        return;
    }
    std::optional<Beginning> at;
    if (!many) {
        if (auto fault = check_start(*topic, create.start, "create_subscription.start")) {
            reply(request, std::move(*fault), round);
            return;
        }
        at = find_beginning(state, *topic, create.start, create.low, create.high, create.looking, request, round);
        if (!at) {
            return;
        }
    }
    Namespace& space = namespace_of(state, request.ns, round);
    const bool selects = many || create.filter || std::holds_alternative<StartLastPerKey>(create.start);
    Queue& queue = selects ? add_selecting(state, space, topic, create, at, now, round)
                           : add_subscription(state, *topic, create, *at, now, round);
    enter_namespace(state, space, queue, QueueSettings(settings), now, round);
    reply(request, std::make_shared<const QueueInfo>(info_of(queue, now)), round);
}

QueueId log_of(const Queue& queue) { return queue.topic != nullptr ? queue.topic_id : queue.id; }

void published(State& state, Queue& topic) {
    for (auto& [name, subscription] : topic.subscriptions) {
        catch_up(*subscription);
        if (!subscription->consumers.empty()) {
            state.pump_later(*subscription);
        }
    }
    state.arm(topic, topic.trim.from);
}

void hand_out(State& state, Queue& topic, const ChunkPtr& chunk) {
    for (auto& [name, subscription] : topic.subscriptions) {
        Queue& queue = *subscription;
        const Offset head = queue.acks.next_clear(queue.next);
        const bool has_all_before = queue.window.resident_until(head) >= chunk->first;
        if (queue.consumers.empty() || !has_all_before) {
            continue;
        }
        const auto done = static_cast<std::uint32_t>(queue.acks.count_set(chunk->first, chunk->count));
        const std::size_t before = queue.window.bytes();
        queue.window.add(chunk, chunk->count - done);
        state.window_bytes += queue.window.bytes() - before;
    }
}

void subscription_advanced(State& state, Queue& subscription) {
    if (subscription.acks.low() == subscription.end) {
        subscription.holes = {};  // Whatever had been estimated.
    }
    if (subscription.references) {
        references_advanced(state, subscription);
        return;
    }
    Queue* const topic = subscription.topic;
    if (topic != nullptr && (topic->keeps.interest || topic->trim.blocked) && !topic->trim.reading) {
        state.arm(*topic, topic->trim.from);
    }
}

void let_go(State& state, Queue& subscription) {
    if (subscription.topic != nullptr) {
        state.arm(*subscription.topic, subscription.topic->trim.from);
    } else if (subscription.references) {
        const auto arm = [&state](QueueId id) {
            if (Queue* topic = state.find(id)) {
                state.arm(*topic, topic->trim.from);
            }
        };
        for (const auto& [id, span] : subscription.references->spans) {
            arm(id);
        }
        for (const auto& [id, fill] : subscription.references->fills) {
            arm(id);
        }
    }
}

void rejoin_topic(State& state, Queue& subscription) {
    Queue* topic = state.find(subscription.topic_id);
    subscription.delivery_log = topic != nullptr && topic->keeps.delivery_log;
    if (subscription.selects) {
        select(state, subscription, Selection(*subscription.selects));
        forget_references(subscription);
        if (topic != nullptr) {
            topic->filtering.emplace(subscription.name.substr(topic->name.size() + 1), &subscription);
        }
        return;
    }
    require(topic != nullptr, "a subscription has its topic");
    subscription.topic = topic;
    topic->subscriptions.emplace(subscription.name.substr(topic->name.size() + 1), &subscription);
    catch_up(subscription);
}

void leave_topic(State& state, Queue& subscription) {
    let_go(state, subscription);  // What only it held.
    if (subscription.references) {
        state.routing.tables[subscription.ns].remove(subscription.references->route);
    }
    if (Queue* topic = state.find(subscription.topic_id)) {
        topic->subscriptions.erase(subscription.name.substr(topic->name.size() + 1));
        topic->filtering.erase(subscription.name.substr(topic->name.size() + 1));
    }
}

}  // namespace baton::core
