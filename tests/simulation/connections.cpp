// Clients that connect, vanish, come back and take up their sessions; and what reaches them.

#include "tests/simulation/simulation.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>
#include <variant>

namespace baton::simulation {

using namespace core;

RequestId Simulation::send(SimClient& client, RequestBody body, bool want_reply) {
    Request request;
    request.connection = client.connection;
    request.id = RequestId{want_reply ? client.next_request++ : 0};
    request.body = std::move(body);
    if (options_.trace) {
        trace("-> " + tests::to_text(request));
    }
    const RequestId id = request.id;
    ledger_.sent(request, driver_.now());
    coverage_.sent(request);
    driver_.apply(std::move(request));
    return id;
}

void Simulation::connect(SimClient& client) {
    client.connection = ConnectionId{next_connection_++};
    client.connected = true;
    client.ready = false;
    client.settles.clear();
    client.produces.clear();
    OpenSession open;
    open.resume = value(client.session) != 0 && prng_.chance(850) ? client.session : SessionId{0};
    open.fresh = SessionId{next_session_++};
    const std::vector<DurationMs> graces = {0, 300, 5'000};
    open.grace_ms = prng_.pick(graces);
    send(client, open);
}

void Simulation::disconnect(SimClient& client) {
    if (prng_.chance(200)) {
        send(client, CloseSession{});
        client.session = SessionId{0};
        client.stale.insert(client.stale.end(), client.held.begin(), client.held.end());
        client.held.clear();
        client.consumers.clear();
    }
    send(client, ConnectionLost{}, false);
    client.connected = client.ready = false;
}

void Simulation::resume(SimClient& client, bool resumed) {
    if (!resumed) {
        client.stale.insert(client.stale.end(), client.held.begin(), client.held.end());
        client.held.clear();
    }
    for (auto& [id, consumer] : client.consumers) {
        consumer.fetch_open = 0;
        open_consumer(client, id, resumed);
    }
    for (auto& [queue, producer] : client.producers) {
        for (auto& [sequence, produce] : producer.unanswered) {
            Produce again = produce;
            again.acked_through = producer.acked_through();
            const RequestId id = send(client, std::move(again));
            client.produces[value(id)] = {queue, sequence};
        }
    }
}

void Simulation::open_consumer(SimClient& client, std::uint64_t id, bool redeclared) {
    SimConsumer& consumer = client.consumers.at(id);
    OpenConsumer open;
    open.consumer = ConsumerId{id};
    open.queue = consumer.queue;
    open.credit_messages = consumer.credit;
    open.credit_bytes = prng_.chance(100) ? 500 : limits::credit_bytes_max;
    open.lease_ms = consumer.lease_ms;
    open.worker = "worker-" + std::to_string(client.number);
    open.redeclared = redeclared;
    if (redeclared) {
        std::set<BatchNumber> batches;
        for (const HeldMessage& held : client.held) {
            if (held.consumer == id) {
                batches.insert(held.token.batch);
            }
        }
        if (!batches.empty() && prng_.chance(300)) {
            // This one has forgotten a batch: it comes back at once.
            const BatchNumber dropped = *batches.begin();
            batches.erase(batches.begin());
            std::erase_if(client.held,
                          [&](const HeldMessage& held) { return held.consumer == id && held.token.batch == dropped; });
        }
        open.held_batches.assign(batches.begin(), batches.end());
    }
    consumer.open = true;
    send(client, std::move(open));
}

void Simulation::receive(SimClient& client, const Reply& reply) {
    if (&client == &observer_ && !std::holds_alternative<SessionOpened>(reply.body)) {
        observed_.push_back(reply.body);
        return;
    }
    if (const auto* opened = std::get_if<SessionOpened>(&reply.body)) {
        client.session = opened->session;
        client.ready = true;
        resume(client, opened->resumed);
        return;
    }
    client.settles.erase(value(reply.request));
    for (auto& [id, consumer] : client.consumers) {
        if (consumer.fetch_open == value(reply.request) && std::holds_alternative<Refusal>(reply.body)) {
            consumer.fetch_open = 0;
        }
    }
    const auto produce = client.produces.find(value(reply.request));
    if (produce == client.produces.end()) {
        return;
    }
    SimProducer& producer = client.producers[produce->second.first];
    const std::uint64_t sequence = produce->second.second;
    client.produces.erase(produce);
    if (sequence == 0) {
        return;
    }
    producer.unanswered.erase(sequence);
    // A refused sequence consumed nothing: the next batch may have it, if no later one is out.
    if (std::holds_alternative<Refusal>(reply.body) && sequence == producer.last_sequence && prng_.chance(800)) {
        producer.last_sequence -= 1;
    }
}

void Simulation::receive(SimClient& client, const Deliver& frame) {
    if (&client == &observer_) {
        observed_deliveries_.push_back(frame);
        return;
    }
    const auto consumer = client.consumers.find(value(frame.consumer));
    if (consumer != client.consumers.end() && value(frame.request) != 0 &&
        consumer->second.fetch_open == value(frame.request)) {
        consumer->second.fetch_open = 0;
    }
    for (const Deliver::Run& run : frame.runs) {
        for (std::uint32_t i = 0; i < run.entries.count; ++i) {
            client.held.push_back({frame.token, run.first + i, value(frame.consumer)});
        }
    }
}

}  // namespace baton::simulation
