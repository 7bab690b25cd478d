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
    if (prng_.chance(300)) {
        redrive.destination = scenario_.queues.front();
    }
    redrive.max_messages = prng_.chance(500) ? 0 : 1 + prng_.below(5);
    send(client, redrive);
}

ChangeJob Simulation::random_change(const std::string& queue, Offset offset) {
    ChangeJob change;
    change.queue = queue;
    change.offset = offset;
    if (prng_.chance(700)) {
        change.priority = prng_.below32(4);
    }
    if (prng_.chance(150)) {
        change.lifo = prng_.chance(700);
    }
    if (prng_.chance(150)) {
        change.delay_ms = prng_.chance(400) ? 0 : prng_.between(1, 5'000);
    } else if (prng_.chance(50)) {
        change.due_at = driver_.now() + prng_.between(-1'000, 5'000);
    }
    return change;
}

/// Names messages that the queue may still have.
void Simulation::edit_jobs(SimClient& client, const std::string& queue) {
    const QueueFacts* facts = ledger_.queue_named(queue);
    const std::vector<Offset> known = facts == nullptr ? std::vector<Offset>{} : ledger_.known_offsets(facts->id);
    if (known.empty()) {
        return;
    }
    const Offset offset = prng_.pick(known);
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
                cancel.offsets.push_back(prng_.pick(known));
            }
            send(client, cancel);
            break;
        }
        default: {
            RemoveJobs remove;
            remove.queue = queue;
            const std::uint64_t count = 1 + prng_.below(4);
            for (std::uint64_t i = 0; i < count; ++i) {
                remove.offsets.push_back(prng_.pick(known));
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

bool Simulation::administer_limits(SimClient& client, const std::string& queue) {
    if (scenario_.limited && prng_.chance(100)) {
        send(client, Penalise{queue, prng_.chance(150) ? 0 : prng_.between(1, 5'000)});
        return true;
    }
    if (scenario_.grouped && prng_.chance(100)) {
        administer_groups(client, queue);
        return true;
    }
    return false;
}

void Simulation::administer(SimClient& client) {
    const std::string queue = prng_.pick(scenario_.queues);
    if (administer_limits(client, queue)) {
        return;
    }
    switch (prng_.weighted({12, 6, 3, 12, 8, 4, 16, 20, 4, 2, 40})) {
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
            send(client, PurgeQueue{queue, prng_.chance(300)});
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
