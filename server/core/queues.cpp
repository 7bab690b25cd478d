// Administration of queues: create, update, list, show, delete. Names are checked, settings are bounded, a create that
// asks for what is there already changes nothing.
#include "server/core/allowance.hpp"
#include "server/core/flows.hpp"
#include "server/core/job_wait.hpp"
#include "server/core/key_shared.hpp"
#include "server/core/limits.hpp"
#include "server/core/queue_administration.hpp"
#include "server/core/require.hpp"
#include "server/core/state.hpp"
#include "server/core/topics.hpp"

#include <algorithm>

namespace baton::core {

std::optional<Refusal> check_dead_letter(State& state, const std::string& ns, const std::string& name,
                                         const QueueSettings& settings) {
    if (settings.dead_letter_queue.empty()) {
        return std::nullopt;
    }
    if (settings.dead_letter_queue == name) {
        return invalid("settings.dead_letter_queue", "a queue cannot be its own dead-letter queue");
    }
    const Queue* target = state.find(ns, settings.dead_letter_queue);
    if (target != nullptr && target->kind != QueueKind::queue) {
        return Refusal{RefusalCode::wrong_kind,
                       "'" + settings.dead_letter_queue + "' is a topic or a subscription, not a queue",
                       "settings.dead_letter_queue"};
    }
    if (target == nullptr) {
        return Refusal{RefusalCode::dead_letter_target_missing,
                       "there is no queue named '" + settings.dead_letter_queue + "': create it first",
                       "settings.dead_letter_queue"};
    }
    return std::nullopt;
}

namespace {

constexpr const char* default_namespace = "default";

/// What is counted of groups is counted from their first message on.
std::optional<Refusal> check_group_settings(const Queue& queue, const QueueSettings& settings) {
    const GroupSettings &before = queue.settings.groups, &after = settings.groups;
    if (before.order != after.order && after.order == GroupOrder::strict && queue.timed_count != 0 && !queue.keys) {
        return invalid("settings.group_order",
                       "the order of groups can become strict only while no message is delayed");
    }
    const bool some = queue.timed_count != 0 || (queue.groups && queue.groups->count != 0);
    if (before.max_messages == 0 && after.max_messages != 0 && some) {
        return invalid("settings.group_max_messages",
                       "groups can get a limit only while no message is delayed or grouped");
    }
    return std::nullopt;
}

PutQueue record_of(const Queue& queue) {
    return {queue.ns,   queue.id,    queue.name,     queue.profile, queue.created_at, queue.settings,
            queue.kind, queue.keeps, queue.topic_id, queue.hold,    queue.selects,    queue.began};
}

void set_settings(State& state, Namespace& space, Queue& queue, QueueSettings&& settings, TimeMs now, Round& round) {
    if (Queue* before = dead_letter_of(space, queue.settings)) {
        before->dead_letter_users -= 1;
    }
    if (Queue* after = dead_letter_of(space, settings)) {
        after->dead_letter_users += 1;
    }
    if (settings.rate_limit != queue.settings.rate_limit) {
        queue.bucket.change(queue.settings.rate_limit, settings.rate_limit, now);
        state.touch(queue, round);
    }
    const bool was_paused = queue.settings.paused;
    const GroupSettings groups = std::exchange(queue.settings, std::move(settings)).groups;
    if (groups != queue.settings.groups) {
        group_settings_changed(state, queue, groups, now);
        state.touch(queue, round);
    }
    if (was_paused != queue.settings.paused) {
        add_event(state, queue, was_paused ? EventType::resumed : EventType::paused, 0, 0, round);
    }
    key_settings_changed(queue);
    put_queue_record(queue, round);
    release_blocked(state, queue, now, round);  // Under the new settings, before what comes later.
    state.pump_later(queue);
    state.arm(queue, now);  // A new time to live, or leases to look at.
}

}  // namespace

void put_queue_record(const Queue& queue, Round& round) {
    round.mutations.push_back(record_of(queue));
    round.needs_sync = true;
}

bool change_queue_settings(State& state, Request&& request, Queue& known, const QueueSettingsChange& change, TimeMs now,
                           Round& round, std::optional<bool> hold) {
    Queue* queue = &known;
    QueueSettings settings = changed(queue->settings, change, now);
    auto fault = check_settings(settings);
    fault = fault ? fault : check_kind_settings(queue->kind, settings);
    fault = fault ? fault : check_mode_change(*queue, settings);
    if (!fault && settings.aging_ms != queue->settings.aging_ms &&
        (queue->timed_count != 0 || queue->prioritized_count != 0 || (queue->groups && queue->groups->count != 0))) {
        fault = invalid("settings.aging_ms",
                        "aging_ms can change only while no message is delayed, prioritized or grouped");
    }
    fault = fault ? fault : check_group_settings(*queue, settings);
    if (!fault) {
        fault = check_dead_letter(state, request.ns, queue->name, settings);
    }
    if (fault) {
        reply(request, std::move(*fault), round);
        return false;
    }
    queue->hold = hold.value_or(queue->hold);
    // Those of another kind have more than settings in their record.
    if (settings != queue->settings || queue->kind != QueueKind::queue) {
        set_settings(state, namespace_of(state, request.ns, round), *queue, std::move(settings), now, round);
    }
    reply(request, std::make_shared<const QueueInfo>(info_of(*queue, now)), round);
    return true;
}

std::optional<Refusal> check_queue_count(const State& state) {
    if (state.queues.size() < limits::queues_max) {
        return std::nullopt;
    }
    return Refusal{RefusalCode::too_many_queues, "there are too many queues", "", limits::queues_max};
}

Queue& new_queue(State& state, NamespaceId ns, std::string name, QueueKind kind, TimeMs now) {
    auto owned = std::make_unique<Queue>();
    Queue& queue = *owned;
    queue.ns = ns;
    queue.id = QueueId{state.next_queue++};
    queue.name = std::move(name);
    queue.kind = kind;
    queue.created_at = now;
    state.shard_dirty = true;
    state.queues.emplace(value(queue.id), std::move(owned));
    return queue;
}

void enter_namespace(State& state, Namespace& space, Queue& queue, QueueSettings&& settings, TimeMs now, Round& round) {
    space.queues.emplace(queue.name, &queue);
    set_settings(state, space, queue, std::move(settings), now, round);
}

namespace {

void update_queue(State& state, Request&& request, const std::string& name, const QueueSettingsChange& change,
                  TimeMs now, Round& round) {
    Queue* queue = state.find(request.ns, name);
    if (queue == nullptr) {
        reply(request, no_such_queue(name), round);
    } else if (queue->kind == QueueKind::topic) {
        refuse(request, RefusalCode::wrong_kind, "'" + name + "' is a topic", "name", round);
    } else {
        change_queue_settings(state, std::move(request), *queue, change, now, round);
    }
}

void create_queue(State& state, Request&& request, TimeMs now, Round& round) {
    const CreateQueue create = std::move(std::get<CreateQueue>(request.body));
    const QueueSettings settings = changed(default_settings(create.profile), create.settings, now);
    auto fault = check_name(create.name, "name");
    if (!fault && !request.ns.empty()) {
        fault = check_name(request.ns, "namespace");
    }
    fault = fault ? fault : check_settings(settings);
    fault = fault ? fault : check_kind_settings(QueueKind::queue, settings);
    fault = fault ? fault : check_dead_letter(state, request.ns, create.name, settings);
    if (fault) {
        reply(request, std::move(*fault), round);
        return;
    }
    if (Queue* known = state.find(request.ns, create.name)) {
        if (known->kind == QueueKind::topic) {
            refuse(request, RefusalCode::queue_exists, "a topic is named '" + create.name + "'", "name", round);
        } else if (known->profile == create.profile && known->settings == settings) {
            reply(request, std::make_shared<const QueueInfo>(info_of(*known, now)), round);
        } else if (create.update && known->profile == create.profile) {
            update_queue(state, std::move(request), create.name, create.settings, now, round);
        } else {
            refuse(request, RefusalCode::queue_exists,
                   "a queue named '" + create.name + "' exists with other settings or another profile", "name", round);
        }
        return;
    }
    if (auto full = check_queue_count(state)) {
        reply(request, std::move(*full), round);
        return;
    }
    Namespace& space = namespace_of(state, request.ns, round);
    Queue& queue = new_queue(state, space.id, create.name, QueueKind::queue, now);
    queue.profile = create.profile;
    enter_namespace(state, space, queue, QueueSettings(settings), now, round);
    state.touch(queue, round);
    reply(request, std::make_shared<const QueueInfo>(info_of(queue, now)), round);
}

/// Shows a queue; the age of the oldest may need its chunk first.
void show_queue(State& state, Request&& request, TimeMs now, Round& round) {
    const std::string& name = std::get<ShowQueue>(request.body).name;
    Queue* queue = state.find(request.ns, name);
    if (queue == nullptr) {
        reply(request, no_such_queue(name), round);
        return;
    }
    const Offset head = queue->acks.next_clear(queue->next);
    const bool only_plain = queue->waiting_again.empty() && !queue->lane.has_ready();
    if (only_plain && head < queue->end && queue->appended.empty() && !queue->window.resident(head)) {
        state.read_chunks(*queue, head, std::move(request), round);
        return;
    }
    reply(request, std::make_shared<const QueueInfo>(info_of(*queue, now)), round);
}

}  // namespace

QueueList list_by_kind(State& state, const std::string& ns, const ListQueues& list, QueueKind kind, TimeMs now) {
    QueueList out;
    const auto space = state.namespaces.find(ns.empty() ? default_namespace : ns);
    if (space == state.namespaces.end()) {
        return out;
    }
    const std::uint32_t limit =
        std::clamp<std::uint32_t>(list.limit == 0 ? 100 : list.limit, 1, limits::page_messages_max);
    const auto& queues = space->second.queues;
    auto next = list.after < list.prefix ? queues.lower_bound(list.prefix) : queues.upper_bound(list.after);
    for (; next != queues.end() && next->first.starts_with(list.prefix); ++next) {
        if (next->second->kind != kind) {
            continue;
        }
        if (out.queues.size() == limit) {
            out.next = out.queues.back().name;
            break;
        }
        out.queues.push_back(info_of(*next->second, now));
    }
    return out;
}

Namespace& namespace_of(State& state, const std::string& name, Round& round) {
    const std::string wanted = name.empty() ? default_namespace : name;
    const auto found = state.namespaces.find(wanted);
    if (found != state.namespaces.end()) {
        return found->second;
    }
    Namespace fresh{NamespaceId{state.next_namespace++}, wanted, {}};
    state.shard_dirty = true;
    round.needs_sync = true;
    round.mutations.push_back(PutNamespace{fresh.id, fresh.name});
    return state.namespaces.emplace(wanted, std::move(fresh)).first->second;
}

Queue* dead_letter_of(Namespace& space, const QueueSettings& settings) {
    const auto found = space.queues.find(settings.dead_letter_queue);
    return found == space.queues.end() ? nullptr : found->second;
}

void apply_queue_request(State& state, Request&& request, TimeMs now, Round& round) {
    if (std::holds_alternative<CreateQueue>(request.body)) {
        create_queue(state, std::move(request), now, round);
    } else if (std::holds_alternative<UpdateQueue>(request.body)) {
        const UpdateQueue update = std::move(std::get<UpdateQueue>(request.body));
        update_queue(state, std::move(request), update.name, update.settings, now, round);
    } else if (std::holds_alternative<ListQueues>(request.body)) {
        reply(request, list_by_kind(state, request.ns, std::get<ListQueues>(request.body), QueueKind::queue, now),
              round);
    } else if (std::holds_alternative<ShowQueue>(request.body)) {
        show_queue(state, std::move(request), now, round);
    } else if (std::holds_alternative<DeleteQueue>(request.body)) {
        delete_queue(state, std::move(request), now, round);
    } else {
        const PurgeQueue purge_request = std::get<PurgeQueue>(request.body);
        Queue* queue = state.find(request.ns, purge_request.name);
        if (queue == nullptr) {
            reply(request, no_such_queue(purge_request.name), round);
        } else if (queue->kind == QueueKind::topic) {
            refuse(request, RefusalCode::wrong_kind, "messages of a topic are taken out by TrimTopic", "name", round);
        } else if (ready_to_purge(state, *queue, request, round)) {
            const std::uint64_t before = queue->totals.purged + queue->totals.retired;
            purge(state, *queue, purge_request, round);
            reply(request, Counted{queue->totals.purged + queue->totals.retired - before, 0}, round);
        }
    }
}

}  // namespace baton::core
