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
    if (prng_.below(10'000) < scenario_.edits) {
        edit_jobs(client, prng_.chance(200) ? "dead" : prng_.pick(scenario_.queues));
        return;
    }
    switch (prng_.weighted({40, 18, 40, 3, 4})) {
        case 0:
            act_produce(client);
            break;
        case 1:
            act_consume(client);
            break;
        case 2:
            act_settle(client);
            break;
        case 3:
            act_settle_stale(client);
            break;
        default:
            act_transact(client);
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
    if (prng_.chance(200)) {
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
    if (scenario_.named && prng_.chance(800)) {
        add_names(options);
    }
    return options;
}

/// The first letter of a key tells the mode that it is used with; those with m are used with any.
void Simulation::add_names(EntryOptions& options) {
    if (prng_.chance(500)) {
        options.id = "id-" + std::to_string(prng_.below(8));
    }
    if (prng_.chance(options.id ? 500 : 150)) {
        return;
    }
    Dedup dedup;
    dedup.mode = prng_.chance(250) ? DedupMode::keep_last : static_cast<DedupMode>(1 + prng_.below(4));
    const bool window = dedup.mode == DedupMode::throttle || (dedup.mode == DedupMode::debounce && prng_.chance(600));
    dedup.ttl_ms = window ? prng_.between(1, prng_.chance(500) ? 5'000 : 60'000) : 0;
    dedup.extend = prng_.chance(300);
    if (window && prng_.chance(300)) {
        options.max_attempts = 1;  // It may fail within its window.
    }
    const bool mixed = prng_.chance(250);
    dedup.replace = (mixed || dedup.mode == DedupMode::debounce) && prng_.chance(400);
    dedup.key = std::string(1, mixed ? 'm' : "?stdk"[static_cast<int>(dedup.mode)]) + std::to_string(prng_.below(2));
    if (dedup.mode == DedupMode::keep_last) {
        options.id.reset();
    }
    options.dedup = std::move(dedup);
}

Produce Simulation::random_produce(const std::string& queue) {
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
    if (prng_.chance(scenario_.grouped || scenario_.named ? 600 : 300)) {
        produce.defaults = random_options();
    }
    if (prng_.chance(150)) {
        for (std::uint32_t i = 0; i < produce.entries.count; ++i) {
            if (prng_.chance(300)) {
                produce.options.emplace_back(i, random_options());
            }
        }
    }
    return produce;
}

void Simulation::act_produce(SimClient& client) {
    const std::string& queue = prng_.pick(scenario_.queues);
    SimProducer& producer = client.producers[queue];
    if (producer.unanswered.size() >= 3) {
        return;
    }
    Produce produce = random_produce(queue);
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

}  // namespace baton::simulation
