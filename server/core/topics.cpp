// Administration of topics: create, update, list, trim, delete, and the list of their subscriptions.
#include "server/core/topics.hpp"

#include "server/core/limits.hpp"
#include "server/core/queue_administration.hpp"
#include "server/core/state.hpp"
#include "server/core/word_pattern.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace baton::core {

namespace {

/// Names the queue that is not there.
std::optional<Refusal> changed_topic(State& state, const std::string& ns, const TopicSettingsChange& change,
                                     TopicSettings& settings) {
    settings.retention.messages = change.retention.messages.value_or(settings.retention.messages);
    settings.retention.age_ms = change.retention.age_ms.value_or(settings.retention.age_ms);
    settings.retention.bytes = change.retention.bytes.value_or(settings.retention.bytes);
    settings.interest = change.interest.value_or(settings.interest);
    settings.delivery_log = change.delivery_log.value_or(settings.delivery_log);
    settings.compact = change.compact.value_or(settings.compact);
    settings.tombstone_ms = change.tombstone_ms.value_or(settings.tombstone_ms);
    if (!change.alternate) {
        return std::nullopt;
    }
    const Queue* alternate = state.find(ns, *change.alternate);
    if (!change.alternate->empty() && (alternate == nullptr || alternate->kind != QueueKind::queue)) {
        return Refusal{RefusalCode::queue_not_found, "there is no queue named '" + *change.alternate + "'",
                       "topic_settings.alternate_queue"};
    }
    settings.alternate = *change.alternate;
    return std::nullopt;
}

std::optional<Refusal> check_topic(const TopicSettings& settings) {
    if (settings.retention.age_ms < 0 || settings.retention.age_ms > limits::ten_years_ms) {
        return invalid("topic.retention.age_ms", "age_ms is from 0 to ten years",
                       static_cast<std::uint64_t>(limits::ten_years_ms));
    }
    if (settings.tombstone_ms < 0 || settings.tombstone_ms > limits::ten_years_ms) {
        return invalid("topic_settings.tombstone_ms", "tombstone_ms is from 0 to ten years",
                       static_cast<std::uint64_t>(limits::ten_years_ms));
    }
    return std::nullopt;
}

std::optional<Refusal> check_both(const TopicSettings& keeps, const QueueSettings& settings) {
    auto fault = check_topic(keeps);
    fault = fault ? fault : check_settings(settings);
    return fault ? fault : check_kind_settings(QueueKind::topic, settings);
}

void update_topic(State& state, Request&& request, Queue& topic, const TopicSettingsChange& change,
                  const QueueSettingsChange& queue_change, TimeMs now, Round& round) {
    TopicSettings keeps = topic.keeps;
    auto fault = changed_topic(state, request.ns, change, keeps);
    fault = fault ? fault : check_both(keeps, changed(topic.settings, queue_change, now));
    if (fault) {
        reply(request, std::move(*fault), round);
        return;
    }
    // What was published meanwhile without an index is for a new pass.
    if (keeps.compact != topic.keeps.compact) {
        topic.compaction.running = false;
        topic.compaction.left = true;
    }
    topic.keeps = keeps;
    for (const auto* subscriptions : {&topic.subscriptions, &topic.filtering}) {
        for (const auto& [name, subscription] : *subscriptions) {
            subscription->delivery_log = keeps.delivery_log;
        }
    }
    state.arm(topic, topic.trim.from);
    change_queue_settings(state, std::move(request), topic, queue_change, now, round);
}

void create_topic(State& state, Request&& request, TimeMs now, Round& round) {
    const CreateTopic create = std::move(std::get<CreateTopic>(request.body));
    TopicSettings keeps;
    QueueSettings settings = changed(default_settings(Profile::message), create.settings, now);
    auto fault = check_name(create.name, "create_topic.name");
    fault = fault ? fault : changed_topic(state, request.ns, create.topic, keeps);
    fault = fault ? fault : check_both(keeps, settings);
    if (fault) {
        reply(request, std::move(*fault), round);
        return;
    }
    if (Queue* known = state.find(request.ns, create.name)) {
        if (known->kind == QueueKind::topic && known->keeps == keeps && known->settings == settings) {
            reply(request, std::make_shared<const QueueInfo>(info_of(*known, now)), round);
        } else if (create.update && known->kind == QueueKind::topic) {
            update_topic(state, std::move(request), *known, create.topic, create.settings, now, round);
        } else {
            refuse(request, RefusalCode::queue_exists, "a queue of this name exists, or a topic with other settings",
                   "create_topic.name", round);
        }
        return;
    }
    if (auto full = check_queue_count(state)) {
        reply(request, std::move(*full), round);
        return;
    }
    Namespace& space = namespace_of(state, request.ns, round);
    Queue& topic = new_queue(state, space.id, create.name, QueueKind::topic, now);
    topic.keeps = keeps;
    enter_namespace(state, space, topic, std::move(settings), now, round);
    state.touch(topic, round);
    reply(request, std::make_shared<const QueueInfo>(info_of(topic, now)), round);
}

void trim_topic(State& state, Request&& request, Queue& topic, TimeMs now, Round& round) {
    auto& trim = std::get<TrimTopic>(request.body);
    Offset below = std::min(trim.below, topic.end);
    if (trim.before) {
        const auto at =
            find_beginning(state, topic, StartTime{*trim.before}, trim.low, trim.high, trim.looking, request, round);
        if (!at) {
            return;
        }
        below = at->offset;
    }
    const Offset low = topic.acks.low();
    topic.trim.below = std::max(topic.trim.below, below);
    topic.trim.from = now;
    state.arm(topic, now);
    reply(request, Counted{below > low ? below - low : 0, 0}, round);
}

void delete_topic(State& state, const Request& request, Queue& topic, TimeMs now, Round& round) {
    Namespace& space = namespace_of(state, request.ns, round);
    while (!topic.subscriptions.empty()) {
        erase_queue(state, space, *topic.subscriptions.begin()->second, now, round);
    }
    while (!topic.filtering.empty()) {
        erase_queue(state, space, *topic.filtering.begin()->second, now, round);
    }
    erase_queue(state, space, topic, now, round);
    reply(request, Done{}, round);
}

/// A subscription is filed right behind what it is of.
void list_subscriptions(State& state, const Request& request, TimeMs now, Round& round) {
    const ListSubscriptions& list = std::get<ListSubscriptions>(request.body);
    if (!is_pattern(list.topic) && find_topic(state, request, list.topic, round) == nullptr) {
        return;
    }
    const std::string prefix = subscription_name(list.topic, "");
    QueueList page =
        list_by_kind(state, request.ns, {prefix, prefix + list.after, list.limit}, QueueKind::subscription, now);
    page.next = page.next.empty() ? page.next : page.next.substr(prefix.size());
    reply(request, std::move(page), round);
}

template <typename... Bodies>
const std::string* queue_of_any(const RequestBody& body) {
    const std::string* name = nullptr;
    const auto look = [&](const auto* one) { name = one != nullptr ? &one->queue : name; };
    (look(std::get_if<Bodies>(&body)), ...);
    return name;
}

/// Of a request that changes messages of a queue; null for others.
const std::string* changed_queue(const RequestBody& body) {
    if (const auto* task = std::get_if<StartTask>(&body)) {
        return &task->spec.queue;
    }
    return queue_of_any<ChangeJob, PromoteJob, PromoteAll, RemoveJobs, CancelJobs, RetryFailed, Penalise, SetGroup,
                        EmitEvent, ClearDedup>(body);
}

/// Changes how a group is served.
bool is_about_group(const RequestBody& body) {
    const auto* penalise = std::get_if<Penalise>(&body);
    return std::holds_alternative<SetGroup>(body) || (penalise != nullptr && !penalise->group.empty());
}

const std::string& topic_name(const RequestBody& body) {
    if (const auto* update = std::get_if<UpdateTopic>(&body)) {
        return update->name;
    }
    if (const auto* gone = std::get_if<DeleteTopic>(&body)) {
        return gone->name;
    }
    return std::get<TrimTopic>(body).name;
}

}  // namespace

Queue* find_topic(State& state, const Request& request, const std::string& name, Round& round) {
    Queue* topic = state.find(request.ns, name);
    if (topic != nullptr && topic->kind == QueueKind::topic) {
        return topic;
    }
    Refusal refusal{RefusalCode::queue_not_found, "there is no topic named '" + name + "'", "topic"};
    if (topic != nullptr) {
        refusal = {RefusalCode::wrong_kind, "'" + name + "' is no topic", "topic"};
    }
    reply(request, std::move(refusal), round);
    return nullptr;
}

std::optional<Refusal> check_kind_settings(QueueKind kind, const QueueSettings& settings) {
    const bool by_key = settings.consumer_mode == ConsumerMode::key_shared;
    if (kind == QueueKind::queue) {
        return by_key ? std::optional(invalid("settings.consumer_mode",
                                              "key_shared is for subscriptions: in a queue groups keep messages of one "
                                              "key together"))
                      : std::nullopt;
    }
    QueueSettings allowed = default_settings(Profile::message);
    if (kind == QueueKind::topic) {
        allowed.max_message_bytes = settings.max_message_bytes;
        allowed.max_messages = settings.max_messages;
        allowed.max_bytes = settings.max_bytes;
        allowed.durability = settings.durability;
        if (settings.overflow == Overflow::drop_oldest) {
            allowed.overflow = settings.overflow;
        }
        return allowed == settings ? std::nullopt
                                   : std::optional<Refusal>(invalid("settings",
                                                                    "of the settings of queues a topic has "
                                                                    "max_message_bytes, max_messages, max_bytes, "
                                                                    "durability and overflow: reject or drop_oldest"));
    }
    allowed.groups.order = by_key ? settings.groups.order : allowed.groups.order;
    const bool fits = !settings.keep_completed && settings.max_messages == 0 && settings.max_bytes == 0 &&
                      settings.groups == allowed.groups && settings.id_memory_ms == 0 &&
                      settings.id_memory_count == 0 && settings.overflow == allowed.overflow;
    return fits ? std::nullopt
                : std::optional<Refusal>(invalid("settings",
                                                 "a subscription has no limits of length, groups, ids or "
                                                 "completed set: its topic keeps the messages"));
}

bool refused_for_topic(State& state, const Request& request, Round& round) {
    const std::string* name = changed_queue(request.body);
    const Queue* queue = name == nullptr ? nullptr : state.find(request.ns, *name);
    if (queue != nullptr && queue->kind == QueueKind::subscription && is_about_group(request.body)) {
        refuse(request, RefusalCode::wrong_kind,
               "'" + *name + "' is a subscription, which has no groups: what its messages carry is a key", "group",
               round);
        return true;
    }
    if (queue == nullptr || queue->kind != QueueKind::topic) {
        return false;
    }
    refuse(request, RefusalCode::wrong_kind,
           "'" + *name +
               "' is a topic: messages are done, changed or removed at its "
               "subscriptions",
           "queue", round);
    return true;
}

bool is_topic_request(const RequestBody& body) {
    return is_binding_request(body) || is_listen_request(body) || std::holds_alternative<CreateTopic>(body) ||
           std::holds_alternative<UpdateTopic>(body) || std::holds_alternative<DeleteTopic>(body) ||
           std::holds_alternative<TrimTopic>(body) || std::holds_alternative<ListTopics>(body) ||
           std::holds_alternative<CreateSubscription>(body) || std::holds_alternative<ListSubscriptions>(body) ||
           std::holds_alternative<SeekSubscription>(body) || std::holds_alternative<TraceMessage>(body);
}

void apply_topic_request(State& state, Request&& request, TimeMs now, Round& round) {
    if (is_binding_request(request.body)) {
        apply_binding_request(state, std::move(request), round);
        return;
    }
    if (is_listen_request(request.body)) {
        apply_listen_request(state, std::move(request), now, round);
        return;
    }
    if (std::holds_alternative<CreateTopic>(request.body)) {
        create_topic(state, std::move(request), now, round);
        return;
    }
    if (std::holds_alternative<CreateSubscription>(request.body)) {
        create_subscription(state, std::move(request), now, round);
        return;
    }
    if (std::holds_alternative<TraceMessage>(request.body)) {
        apply_trace(state, std::move(request), now, round);
        return;
    }
    if (std::holds_alternative<SeekSubscription>(request.body)) {
        apply_seek(state, std::move(request), round);
        return;
    }
    if (const auto* list = std::get_if<ListTopics>(&request.body)) {
        reply(request, list_by_kind(state, request.ns, {list->prefix, list->after, list->limit}, QueueKind::topic, now),
              round);
        return;
    }
    if (std::holds_alternative<ListSubscriptions>(request.body)) {
        list_subscriptions(state, request, now, round);
        return;
    }
    Queue* topic = find_topic(state, request, topic_name(request.body), round);
    if (topic == nullptr) {
        return;
    }
    if (const auto* update = std::get_if<UpdateTopic>(&request.body)) {
        const UpdateTopic change = *update;
        update_topic(state, std::move(request), *topic, change.topic, change.settings, now, round);
    } else if (std::holds_alternative<DeleteTopic>(request.body)) {
        delete_topic(state, request, *topic, now, round);
    } else {
        trim_topic(state, std::move(request), *topic, now, round);
    }
}

}  // namespace baton::core
