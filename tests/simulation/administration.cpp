// Queues made, changed, purged, deleted, repaired and looked at while everything else goes on.

#include "tests/simulation/simulation.hpp"

namespace baton::simulation {

using namespace core;

void Simulation::create_queues() {
    connect(observer_);
    settle();
    for (auto name = scenario_.queues.rbegin(); name != scenario_.queues.rend(); ++name) {
        CreateQueue create;
        create.name = *name;
        create.profile = scenario_.profile;
        create.settings = random_settings(prng_, scenario_, *name == "dead");
        ask(create);
        ask(ShowQueue{*name});
    }
}

void Simulation::create_again(SimClient& client, const std::string& queue, bool update) {
    CreateQueue create;
    create.name = queue;
    create.profile = scenario_.profile;
    create.update = update;
    create.settings = random_settings(prng_, scenario_, queue == "dead");
    send(client, create);
}

void Simulation::redrive_dead(SimClient& client) {
    Redrive redrive{"dead", {}, 0, prng_.chance(300)};
    if (prng_.chance(500)) {
        redrive.destination = scenario_.queues.front();
    }
    redrive.max_messages = prng_.chance(500) ? 0 : 1 + prng_.below(5);
    send(client, redrive);
}

ChangeJob Simulation::random_change(const std::string& queue, Offset offset) {
    ChangeJob change;
    change.queue = queue;
    change.offset = offset;
    const bool times_alone = prng_.chance(200);
    if (!times_alone && prng_.chance(700)) {
        change.priority = prng_.chance(200) ? 0 : prng_.below32(4);
    }
    if (prng_.chance(150)) {
        change.lifo = prng_.chance(700);
    }
    if (times_alone || prng_.chance(200)) {
        change.delay_ms = prng_.chance(500) ? 0 : prng_.between(1, 5'000);
    } else if (prng_.chance(50)) {
        change.due_at = driver_.now() + prng_.between(-1'000, 5'000);
    }
    return change;
}

/// The key of a message that is there, or any.
ClearDedup Simulation::random_clear(const std::string& queue, const std::vector<Offset>& known) {
    const QueueFacts* facts = ledger_.queue_named(queue);
    for (std::size_t i = 0, from = prng_.next(); i < known.size(); ++i) {
        const MessageFacts& job = *ledger_.message_at(facts->id, known[(from + i) % known.size()]);
        if (job.key_until_finished) {
            return {queue, job.key, {}};
        }
    }
    const std::string modes = "stdkm";
    return {queue, std::string(1, modes[prng_.below(modes.size())]) + std::to_string(prng_.below(2)), {}};
}

/// Any, or one of those of which there are few: delayed, failed, leased by somebody, or with a priority.
Offset Simulation::some_job(QueueId queue, const std::vector<Offset>& known) {
    const std::size_t kind = prng_.weighted({35, 25, 15, 10, 15});
    for (std::size_t i = 0, from = prng_.below(known.size()); kind != 0 && i < known.size(); ++i) {
        const Offset offset = known[(from + i) % known.size()];
        const MessageFacts& facts = *ledger_.message_at(queue, offset);
        const bool delayed = facts.delayed && facts.due_from > driver_.now();
        const bool leased = facts.lease && !facts.lease->settled && !facts.acked;
        const bool ranked = facts.priority != 0 && !facts.lease && !facts.acked && !delayed;
        if (kind == 1 ? delayed : kind == 2 ? facts.failed == Presence::yes : kind == 3 ? leased : ranked) {
            return offset;
        }
    }
    return prng_.pick(known);
}

/// Names messages that the queue may still have.
void Simulation::edit_jobs(SimClient& client, const std::string& queue) {
    const QueueFacts* facts = ledger_.queue_named(queue);
    const bool done_too = prng_.chance(150);
    const std::vector<Offset> known =
        facts == nullptr ? std::vector<Offset>{} : ledger_.known_offsets(facts->id, done_too);
    if (known.empty()) {
        return;
    }
    if (scenario_.named && prng_.chance(250)) {
        send(client, random_clear(queue, known));
        return;
    }
    const Offset offset = some_job(facts->id, known);
    switch (prng_.weighted({60, 15, 2, 15, 8, 14})) {
        case 0:
            send(client, random_change(queue, offset));
            break;
        case 1:
            send(client, PromoteJob{queue, offset});
            break;
        case 2:
            send(client, PromoteAll{queue});
            break;
        case 3:
            send(client, ShowJob{queue, offset});
            break;
        case 5: {
            CancelJobs cancel;
            cancel.queue = queue;
            cancel.grace_ms = prng_.chance(200) ? 0 : prng_.between(1, 6'000);
            const std::uint64_t count = 1 + prng_.below(4);
            for (std::uint64_t i = 0; i < count; ++i) {
                cancel.offsets.push_back(some_job(facts->id, known));
            }
            send(client, cancel);
            break;
        }
        default: {
            RemoveJobs remove;
            remove.queue = queue;
            const std::uint64_t count = 1 + prng_.below(4);
            for (std::uint64_t i = 0; i < count; ++i) {
                remove.offsets.push_back(some_job(facts->id, known));
            }
            send(client, remove);
            break;
        }
    }
}

void Simulation::administer_groups(SimClient& client, const std::string& queue) {
    const std::string group = "group-" + std::to_string(prng_.below(5));
    switch (prng_.weighted({30, 20, 25, 25})) {
        case 0: {
            SetGroup set;
            set.queue = queue;
            set.group = group;
            set.reset = prng_.chance(200);
            if (prng_.chance(300)) {
                set.max_in_flight = prng_.below32(3);
            }
            if (prng_.chance(300)) {
                set.pause_for_ms = prng_.between(0, 3'000);
            }
            if (prng_.chance(200)) {
                set.rate = prng_.chance(300) ? RateLimit{} : RateLimit{1 + prng_.below(9), 1'000, prng_.below(9)};
            }
            send(client, set);
            break;
        }
        case 1:
            send(client, Penalise{queue, prng_.chance(200) ? 0 : prng_.between(1, 3'000), group});
            break;
        case 2:
            send(client, ShowGroup{queue, group});
            break;
        default:
            send(client, ListGroups{queue, {}, 1 + prng_.below32(5)});
            break;
    }
}

/// What only some kinds of runs have.
bool Simulation::administer_some(SimClient& client, const std::string& queue) {
    if (scenario_.limited && prng_.chance(100)) {
        send(client, Penalise{queue, prng_.chance(150) ? 0 : prng_.between(1, 5'000)});
        return true;
    }
    if (scenario_.grouped && prng_.chance(100)) {
        administer_groups(client, queue);
        return true;
    }
    if (scenario_.named && prng_.chance(60)) {
        send(client, random_clear(queue, {}));
        return true;
    }
    return false;
}

void Simulation::administer(SimClient& client) {
    const std::string queue = prng_.pick(scenario_.queues);
    if (administer_some(client, queue)) {
        return;
    }
    switch (prng_.weighted({12, 6, 4, 16, 12, 4, 16, 20, 4, 2, 40})) {
        case 0: {
            UpdateQueue update{queue, {}};
            update.settings.paused = prng_.chance(400);
            send(client, update);
            break;
        }
        case 1: {
            UpdateQueue update{queue, random_settings(prng_, scenario_, queue == "dead")};
            send(client, update);
            break;
        }
        case 2:
            send(client, PurgeQueue{queue, prng_.chance(500)});
            break;
        case 3: {
            RetryFailed retry{queue, {}, prng_.chance(300)};
            send(client, retry);
            break;
        }
        case 4:
            redrive_dead(client);
            break;
        case 5:
            send(client, ListQueues{{}, {}, 1 + prng_.below32(5)});
            break;
        case 6: {
            Peek peek;
            peek.queue = queue;
            peek.state = static_cast<MessageState>(1 + prng_.below(6));
            peek.limit = 1 + prng_.below32(10);
            send(client, peek);
            break;
        }
        case 7:
            send(client, ShowQueue{queue});
            break;
        case 8:
            create_again(client, queue, prng_.chance(300));
            break;
        case 10:
            edit_jobs(client, queue);
            break;
        default:
            if (queue != "dead" || prng_.chance(200)) {
                send(client, DeleteQueue{queue});
                create_again(client, queue, false);
            }
            break;
    }
}

}  // namespace baton::simulation
