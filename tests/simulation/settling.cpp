// How a client settles what it holds, alone or in a transaction, and what it holds no longer.

#include "server/core/transaction.hpp"
#include "tests/simulation/simulation.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <variant>

namespace baton::simulation {

using namespace core;

SettleAction Simulation::random_action() {
    switch (prng_.weighted({50, 18, 10, 6, 16})) {
        case 0:
            return Ack{};
        case 1: {
            Fail fail;
            fail.reason = "it went wrong";
            fail.error_class =
                prng_.pick(std::vector<std::string>{"", "net.down", "net.time.out", "http.429", "http.404"});
            fail.terminal = prng_.chance(100);
            if (prng_.chance(200)) {
                fail.retry_after_ms = prng_.between(0, 3'000);
            }
            return fail;
        }
        case 2:
            if (scenario_.limited && prng_.chance(100)) {
                return Release{0, prng_.between(1, 3'000)};
            }
            if (scenario_.grouped && prng_.chance(50)) {
                return Release{0, prng_.between(1, 2'000), true};
            }
            return Release{prng_.chance(500) ? 0 : prng_.between(1, 2'000), 0};
        case 3:
            return Extend{prng_.chance(300) ? 0 : prng_.between(1'000, 30'000)};
        default:
            return Started{};
    }
}

/// Some neighbours of one token, in the order in which they are held; something is.
Settlement Simulation::random_settlement(SimClient& client) {
    const std::size_t from = prng_.below(client.held.size());
    const Token token = client.held[from].token;
    const std::uint64_t wanted = prng_.chance(400) ? 1 : 1 + prng_.below(client.held.size());
    Settlement settlement;
    settlement.token = token;
    settlement.action = random_action();
    const bool ends = std::holds_alternative<Ack>(settlement.action) ||
                      std::holds_alternative<Fail>(settlement.action) ||
                      std::holds_alternative<Release>(settlement.action);
    std::size_t at = from;
    std::uint64_t taken = 0;
    while (at < client.held.size() && taken < wanted && client.held[at].token.batch == token.batch &&
           client.held[at].token.queue == token.queue) {
        const Offset offset = client.held[at].offset;
        auto& ranges = settlement.ranges;
        if (!ranges.empty() && ranges.back().first + ranges.back().count == offset) {
            ranges.back().count += 1;
        } else {
            ranges.push_back({offset, 1});
        }
        ++at;
        ++taken;
    }
    if (ends) {
        client.stale.insert(client.stale.end(), client.held.begin() + static_cast<std::ptrdiff_t>(from),
                            client.held.begin() + static_cast<std::ptrdiff_t>(at));
        client.held.erase(client.held.begin() + static_cast<std::ptrdiff_t>(from),
                          client.held.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return settlement;
}

void Simulation::act_settle(SimClient& client) {
    if (client.held.empty()) {
        return;
    }
    Settle settle;
    const std::uint64_t batches = prng_.chance(800) ? 1 : 2;
    for (std::uint64_t i = 0; i < batches && !client.held.empty(); ++i) {
        settle.settlements.push_back(random_settlement(client));
    }
    const bool reports = std::holds_alternative<Started>(settle.settlements.front().action);
    SimConsumer* fetching = nullptr;
    if (!client.consumers.empty() && prng_.chance(200)) {
        auto& [id, consumer] = *client.consumers.begin();
        if (consumer.fetch_open == 0) {
            settle.fetch = random_fetch(id);
            fetching = &consumer;
        }
    }
    const RequestId id = send(client, std::move(settle), fetching != nullptr || !reports || prng_.chance(500));
    if (fetching != nullptr) {
        fetching->fetch_open = value(id);
    }
}

void Simulation::act_transact(SimClient& client) {
    if (client.held.empty()) {
        return;
    }
    auto parts = std::make_shared<Transaction>();
    parts->produces.push_back(random_produce(prng_.pick(scenario_.queues)));
    parts->produces.front().per_item = false;
    parts->settlements.push_back(random_settlement(client));
    send(client, RunTransaction{std::move(parts)});
}

void Simulation::act_settle_stale(SimClient& client) {
    if (client.stale.empty()) {
        return;
    }
    const HeldMessage held = client.stale[prng_.below(client.stale.size())];
    Settlement settlement;
    settlement.token = held.token;
    settlement.ranges.push_back({held.offset, 1});
    settlement.action = random_action();
    if (prng_.chance(150)) {
        settlement.token.batch += 1'000'000 + prng_.below(5);
    } else if (prng_.chance(50)) {
        settlement.token.epoch += 7;
    } else if (prng_.chance(50)) {
        settlement.ranges.front().count += prng_.below32(3);
    }
    Settle settle;
    settle.settlements.push_back(std::move(settlement));
    send(client, std::move(settle));
    if (client.stale.size() > 200) {
        client.stale.erase(client.stale.begin(), client.stale.begin() + 100);
    }
}

}  // namespace baton::simulation
