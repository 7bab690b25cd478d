// What a client may do next, drawn at random.

#include "tests/simulation/simulation.hpp"
#include "tests/support/entries.hpp"

#include <algorithm>
#include <cstring>
#include <variant>

namespace baton::simulation {

using namespace core;

void Simulation::act(SimClient& client) {
    if (!client.connected) {
        if (prng_.chance(300)) {
            connect(client);
        }
        return;
    }
    if (!client.ready) {
        return;
    }
    if (prng_.below(10'000) < scenario_.disconnects) {
        disconnect(client);
        return;
    }
    if (prng_.below(10'000) < scenario_.admins) {
        administer(client);
        return;
    }
    switch (prng_.weighted({40, 18, 40, 3})) {
        case 0:
            act_produce(client);
            break;
        case 1:
            act_consume(client);
            break;
        case 2:
            act_settle(client);
            break;
        default:
            act_settle_stale(client);
            break;
    }
}

std::string Simulation::random_payload() {
    std::uint64_t size = prng_.below(90);
    if (scenario_.heavy && prng_.chance(50)) {
        size = 20'000 + prng_.below(280'000);
    } else if (!scenario_.bulk && prng_.chance(50)) {
        size = prng_.below(2'000);
    }
    std::string payload(sizeof(Number) + size, '\0');
    const Number number = next_number_++;
    std::memcpy(payload.data(), &number, sizeof number);
    for (std::size_t i = sizeof(Number); i < payload.size(); i += 8) {
        const std::uint64_t bits = prng_.next();
        std::memcpy(payload.data() + i, &bits, std::min<std::size_t>(8, payload.size() - i));
    }
    return payload;
}

EntryOptions Simulation::random_options() {
    EntryOptions options = random_retry_options(prng_);
    if (prng_.chance(500)) {
        if (prng_.chance(700)) {
            options.delay_ms = prng_.between(0, prng_.chance(700) ? 50 : 30'000);
        } else {
            options.due_at = driver_.now() + prng_.between(-1'000, 5'000);
        }
    }
    if (prng_.chance(150)) {
        options.ttl_ms = prng_.between(1, 10'000);
    }
    if (prng_.chance(400)) {
        options.priority = prng_.chance(50) ? prng_.below32(limits::priority_max) : prng_.below32(4);
    }
    if (prng_.chance(80)) {
        options.lifo = prng_.chance(800);
    }
    if (prng_.chance(150)) {
        options.lease_ms = prng_.between(1'000, 10'000);
    }
    if (scenario_.grouped && prng_.chance(700)) {
        options.group = "group-" + std::to_string(prng_.below(prng_.chance(100) ? 1'000 : 4));
    }
    return options;
}

void Simulation::act_produce(SimClient& client) {
    const std::string& queue = prng_.pick(scenario_.queues);
    SimProducer& producer = client.producers[queue];
    if (producer.unanswered.size() >= 3) {
        return;
    }
    Produce produce;
    produce.queue = queue;
    std::uint64_t count = prng_.chance(500) ? 1 : 1 + prng_.below(12);
    if (scenario_.bulk && prng_.chance(120)) {
        count = 500 + prng_.below(2'000);
    }
    std::vector<tests::EntrySpec> specs;
    for (std::uint64_t i = 0; i < count; ++i) {
        tests::EntrySpec spec;
        spec.payload = random_payload();
        if (prng_.chance(100)) {
            spec.name = "kind";
            spec.headers.emplace_back("key", "value");
        }
        specs.push_back(std::move(spec));
    }
    produce.entries = tests::make_entries(specs);
    produce.largest_entry_bytes = tests::largest_entry_bytes(produce.entries);
    produce.per_item = prng_.chance(200);
    if (prng_.chance(scenario_.grouped ? 600 : 300)) {
        produce.defaults = random_options();
    }
    if (prng_.chance(150)) {
        for (std::uint32_t i = 0; i < produce.entries.count; ++i) {
            if (prng_.chance(300)) {
                produce.options.emplace_back(i, random_options());
            }
        }
    }
    if (prng_.chance(300)) {
        const RequestId id = send(client, std::move(produce));
        client.produces[value(id)] = {queue, 0};
        return;
    }
    if (producer.id == 0) {
        producer.id = prng_.next() | 1;
        producer.created_at = driver_.now();
    }
    produce.producer = producer.id;
    produce.producer_created_at = producer.created_at;
    produce.sequence = ++producer.last_sequence;
    producer.unanswered[produce.sequence] = produce;
    produce.acked_through = producer.acked_through();
    producer.unanswered[produce.sequence].acked_through = produce.acked_through;
    const std::uint64_t sequence = produce.sequence;
    const RequestId id = send(client, std::move(produce));
    client.produces[value(id)] = {queue, sequence};
}

Fetch Simulation::random_fetch(std::uint64_t consumer) {
    Fetch fetch;
    fetch.consumer = ConsumerId{consumer};
    fetch.max_messages = prng_.chance(400) ? 1 : 1 + prng_.below32(20);
    fetch.max_bytes = limits::credit_bytes_max;
    fetch.wait_ms = prng_.chance(500) ? 0 : prng_.between(1, 2'000);
    fetch.lease_ms = prng_.chance(200) ? prng_.between(1'000, 5'000) : 0;
    return fetch;
}

void Simulation::act_consume(SimClient& client) {
    if (client.consumers.size() < 2 || (client.consumers.size() < 4 && prng_.chance(100))) {
        std::uint64_t id = 1 + prng_.below(6);
        while (client.consumers.contains(id)) {
            ++id;
        }
        SimConsumer& consumer = client.consumers[id];
        consumer.queue = prng_.pick(scenario_.queues);
        consumer.credit = prng_.chance(250) ? 0 : 1 + prng_.below32(scenario_.bulk ? 3'000 : 30);
        consumer.lease_ms = prng_.chance(200) ? prng_.between(1'000, 20'000) : 0;
        open_consumer(client, id, false);
        return;
    }
    auto consumer = client.consumers.begin();
    std::advance(consumer, static_cast<std::ptrdiff_t>(prng_.below(client.consumers.size())));
    const std::uint64_t id = consumer->first;
    switch (prng_.weighted({70, 10, 10, 10})) {
        case 0:
            if (consumer->second.fetch_open == 0) {
                consumer->second.fetch_open = value(send(client, random_fetch(id)));
            }
            break;
        case 1: {
            consumer->second.credit = prng_.below32(40);
            send(client, SetCredit{ConsumerId{id}, consumer->second.credit, limits::credit_bytes_max});
            break;
        }
        case 2:
            if (consumer->second.fetch_open != 0) {
                send(client, CancelRequest{RequestId{consumer->second.fetch_open}}, false);
            }
            break;
        default:
            send(client, CloseConsumer{ConsumerId{id}});
            client.consumers.erase(id);
            for (const HeldMessage& held : client.held) {
                if (held.consumer == id) {
                    client.stale.push_back(held);
                }
            }
            std::erase_if(client.held, [&](const HeldMessage& held) { return held.consumer == id; });
            break;
    }
}

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

void Simulation::act_settle(SimClient& client) {
    if (client.held.empty()) {
        return;
    }
    Settle settle;
    const std::uint64_t batches = prng_.chance(800) ? 1 : 2;
    for (std::uint64_t i = 0; i < batches && !client.held.empty(); ++i) {
        // Some neighbours of one token, in the order in which they are held.
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
        settle.settlements.push_back(std::move(settlement));
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
