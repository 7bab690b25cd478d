// Subscriptions: made, fed with what their topic gets, and joined with it again after a restart. What is published
// costs a subscription nothing on disk: its end is its topic's.
#include "server/core/limits.hpp"
#include "server/core/queue_administration.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

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
    queue.next = queue.horizon = at.offset;
    queue.topic = &topic;
    queue.log_bytes = topic.log_bytes;
    queue.end = topic.end;
    queue.live_bytes = at.bytes;
    topic.subscriptions.emplace(create.name, &queue);
    state.touch(queue, round);
    return queue;
}

/// One of this name is there: nothing to do, or other settings.
void meet_existing(State& state, Request&& request, Queue& known, TimeMs now, Round& round) {
    const CreateSubscription& create = std::get<CreateSubscription>(request.body);
    const QueueSettings wanted = changed(default_settings(Profile::message), create.settings, now);
    const bool hold = create.hold.value_or(create.update && known.hold);
    if (known.settings == wanted && known.hold == hold) {
        reply(request, std::make_shared<const QueueInfo>(info_of(known, now)), round);
        return;
    }
    if (!create.update) {
        refuse(request, RefusalCode::queue_exists, "the topic has a subscription of this name with other settings",
               "name", round);
        return;
    }
    const QueueSettingsChange change = create.settings;
    change_queue_settings(state, std::move(request), known, change, now, round, hold);
    state.arm(*known.topic, known.topic->trim.from);  // What it held may go.
}

std::optional<Refusal> check_new(State& state, const Request& request, const CreateSubscription& create,
                                 const QueueSettings& settings) {
    if (auto fault = check_name(create.name, "create_subscription.name")) {
        return fault;
    }
    if (auto fault = check_settings(settings)) {
        return fault;
    }
    Queue probe;
    probe.kind = QueueKind::subscription;
    if (auto fault = check_kind_settings(probe, settings)) {
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

}  // namespace

void create_subscription(State& state, Request&& request, TimeMs now, Round& round) {
    auto& create = std::get<CreateSubscription>(request.body);
    Queue* topic = find_topic(state, request, create.topic, round);
    if (topic == nullptr) {
        return;
    }
    const QueueSettings settings = changed(default_settings(Profile::message), create.settings, now);
    if (const auto known = topic->subscriptions.find(create.name); known != topic->subscriptions.end()) {
        meet_existing(state, std::move(request), *known->second, now, round);
        return;
    }
    if (auto fault = check_new(state, request, create, settings)) {
        reply(request, std::move(*fault), round);
        return;
    }
    const auto at =
        find_beginning(state, *topic, create.start, create.low, create.high, create.looking, request, round);
    if (!at) {
        return;
    }
    Queue& queue = add_subscription(state, *topic, create, *at, now, round);
    enter_namespace(state, namespace_of(state, request.ns, round), queue, QueueSettings(settings), now, round);
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
    Queue& topic = *subscription.topic;
    if ((topic.keeps.interest || topic.trim.blocked) && !topic.trim.reading) {
        state.arm(topic, topic.trim.from);
    }
}

void rejoin_topic(State& state, Queue& subscription) {
    Queue* topic = state.find(subscription.topic_id);
    require(topic != nullptr, "a subscription has its topic");
    subscription.topic = topic;
    topic->subscriptions.emplace(subscription.name.substr(topic->name.size() + 1), &subscription);
    catch_up(subscription);
}

void leave_topic(State& state, Queue& subscription) {
    Queue& topic = *subscription.topic;
    topic.subscriptions.erase(subscription.name.substr(topic.name.size() + 1));
    state.arm(topic, topic.trim.from);  // What only it held may go.
}

}  // namespace baton::core
