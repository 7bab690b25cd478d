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
        create.settings = random_settings(prng_, scenario_, *name == "dead");
        ask(create);
        ask(ShowQueue{*name});
    }
}

void Simulation::create_again(SimClient& client, const std::string& queue, bool update) {
    CreateQueue create;
    create.name = queue;
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

void Simulation::administer(SimClient& client) {
    const std::string queue = prng_.pick(scenario_.queues);
    if (scenario_.limited && prng_.chance(100)) {
        send(client, Penalise{queue, prng_.chance(150) ? 0 : prng_.between(1, 5'000)});
        return;
    }
    switch (prng_.weighted({12, 6, 3, 12, 8, 4, 16, 20, 4, 2})) {
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
            peek.state = static_cast<MessageState>(1 + prng_.below(4));
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
        default:
            if (queue != "dead" || prng_.chance(200)) {
                send(client, DeleteQueue{queue});
                create_again(client, queue, false);
            }
            break;
    }
}

}  // namespace baton::simulation
