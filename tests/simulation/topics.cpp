#include "tests/simulation/topics.hpp"

#include "server/core/limits.hpp"
#include "tests/support/entries.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>
#include <cstdio>
#include <variant>

namespace baton::simulation {

using namespace core;

namespace {

tests::RoundDriver::Options topics_driver(std::uint64_t seed) {
    tests::RoundDriver::Options driver;
    driver.core.restart_grace_ms = 500;
    // Every third run has no bodies in memory but those it needs at once.
    driver.core.window_bytes_max = seed % 3 == 0 ? 0 : driver.core.window_bytes_max;
    return driver;
}

}  // namespace

TopicSimulation::TopicSimulation(RunOptions options)
    : options_(options),
      prng_(options.seed),
      driver_(topics_driver(options.seed)),
      coverage_(options.coverage, driver_, options.trace) {
    if (options_.digest) {
        driver_.keep_digest();
    }
}

void TopicSimulation::note(const std::string& text) const {
    if (options_.trace) {
        std::printf("%lld  %s\n", static_cast<long long>(driver_.now()), text.c_str());
    }
}

Outcome TopicSimulation::run() {
    connect();
    create_topic();
    for (std::uint64_t i = 0; i < options_.events && findings_.none(); ++i) {
        step();
        if (i % 40 == 39 && findings_.none()) {
            rest();
            compare();
        }
    }
    Outcome outcome;
    outcome.findings = findings_.all();
    outcome.digest = driver_.digest();
    outcome.commits = driver_.store().commits();
    outcome.messages = places_.size();
    outcome.deliveries = deliveries_;
    outcome.crashes = crashes_;
    return outcome;
}

void TopicSimulation::step() {
    switch (prng_.weighted({30, 25, 25, 6, 3, 4, 10, 4, 3})) {
        case 0:
            return publish();
        case 1:
            return fetch();
        case 2:
            return end_some();
        case 3:
            return join();
        case 4:
            return leave();
        case 5:
            return seek();
        case 6:
            driver_.advance(prng_.between(0, prng_.chance(50) ? 40'000 : 500));
            settle();
            return check_kept();
        case 7:
            return crash();
        default:
            return create_topic();
    }
}

void TopicSimulation::connect() {
    OpenSession open;
    open.fresh = SessionId{++connection_ + 1'000};
    open.grace_ms = 0;
    ask(open);
    for (const auto& reader : readers_) {
        if (reader) {
            consume(*reader);
        }
    }
}

void TopicSimulation::consume(Reader& reader) {
    for (const std::uint64_t id : reader.consumers) {
        OpenConsumer consumer;
        consumer.consumer = ConsumerId{id};
        consumer.queue = reader.queue;
        consumer.worker = "worker";
        ask(consumer);
    }
}

void TopicSimulation::crash() {
    crashes_ += 1;
    coverage_.crashed(driver_.crash(0, prng_.chance(500)).last_commit);
    take();
    note("crashed");
    for (const Held& held : held_) {
        comes_back(held, driver_.now());
    }
    held_.clear();
    connect();
}

void TopicSimulation::crash_within(RequestBody body) {
    Request request = request_of(std::move(body));
    note("cut off: " + tests::to_text(request));
    coverage_.sent(request);
    driver_.apply(std::move(request));
    for (std::uint64_t steps = prng_.below(6); steps > 0; --steps) {
        driver_.tick();
        driver_.seal();
        driver_.finish_commit();
        if (driver_.reads() != 0) {
            driver_.answer_read(0);
        }
    }
    crash();
}

bool TopicSimulation::settle() {
    const bool rests = driver_.settle();
    take();
    if (!rests) {
        findings_.add("rest", "the broker does not come to rest");
    }
    return rests;
}

Request TopicSimulation::request_of(RequestBody body) {
    Request request;
    request.connection = ConnectionId{connection_};
    request.id = RequestId{next_request_++};
    request.body = std::move(body);
    return request;
}

ReplyBody TopicSimulation::ask(RequestBody body) {
    Request request = request_of(std::move(body));
    const std::uint64_t id = value(request.id);
    note(tests::to_text(request));
    coverage_.sent(request);
    driver_.apply(std::move(request));
    settle();
    const auto found = replies_.find(id);
    if (found == replies_.end()) {
        findings_.add("rest", "a request got no answer");
        return Done{};
    }
    note("  <- " + tests::to_text(found->second));
    return found->second;
}

void TopicSimulation::take() {
    std::vector<tests::Released> all = driver_.take_released();
    coverage_.left(all);
    for (tests::Released& released : all) {
        if (auto* reply = std::get_if<Reply>(&released.effect)) {
            replies_[value(reply->request)] = std::move(reply->body);
        } else if (const auto* frame = std::get_if<Deliver>(&released.effect)) {
            taken(*frame, released.decided_at);
        }
    }
    std::erase_if(held_, [&](const Held& held) {
        const bool over = held.until <= driver_.now() + 1'000;
        if (over) {
            comes_back(held, held.until);
        }
        return over;
    });
}

void TopicSimulation::taken(const Deliver& frame, TimeMs decided_at) {
    const std::uint64_t consumer = value(frame.consumer);
    const auto reader = std::find_if(readers_.begin(), readers_.end(), [&](const auto& one) {
        return one && std::count(one->consumers.begin(), one->consumers.end(), consumer) != 0;
    });
    if (reader == readers_.end() || value(frame.connection) != connection_) {
        return;
    }
    const auto number = static_cast<std::size_t>(reader - readers_.begin());
    for (const Deliver::Run& run : frame.runs) {
        for (std::uint32_t i = 0; i < run.entries.count; ++i) {
            deliveries_ += 1;
            const Offset offset = run.first + i;
            const bool again = std::any_of(frame.details.begin(), frame.details.end(), [&](const Deliver::Detail& one) {
                return one.offset == offset && (one.cause != Cause::none || one.counters.deliveries != 1);
            });
            const std::string payload(tests::payload_of(run.entries, i));
            delivered(number, payload, !again);
            told(number, payload, run.topic, run.topic_offset + i);
            check_keys(number, places_[payload], consumer, decided_at);
            held_.push_back({frame.token, offset, places_[payload], number, decided_at + readers_lease_ms, consumer});
        }
    }
}

void TopicSimulation::fetch() {
    if (readers_.empty()) {
        return;
    }
    if (const auto& reader = readers_[prng_.below(readers_.size())]) {
        Fetch fetch;
        fetch.consumer = ConsumerId{prng_.pick(reader->consumers)};
        fetch.max_messages = 1 + prng_.below32(8);
        driver_.apply(request_of(fetch));
        settle();
    }
}

void TopicSimulation::end_some() {
    if (held_.empty()) {
        return;
    }
    const std::size_t index = prng_.below(held_.size());
    const Held held = held_[index];
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(index));
    Settlement settlement;
    settlement.token = held.token;
    settlement.ranges = {{held.offset, 1}};
    const bool ack = prng_.chance(800);
    if (ack) {
        settlement.action = Ack{};
    } else if (prng_.chance(500)) {
        settlement.action = Fail{"no luck", false, {}};
    } else {
        Release release;
        release.delay_ms = prng_.chance(300) ? prng_.between(1, 20'000) : 0;
        settlement.action = release;
    }
    if (!ack) {
        comes_back(held, driver_.now());  // It may come at once.
    }
    if (ack && prng_.chance(20)) {
        // Whether it is done is told by what comes, or does not, after the stop.
        crash_within(Settle{{settlement}, {}});
        readers_[held.reader]->doubtful.insert(held.place);
        return;
    }
    const ReplyBody body = ask(Settle{{settlement}, {}});
    const auto* settled = std::get_if<Settled>(&body);
    if (settled == nullptr || !settled->refused.empty()) {
        findings_.add("settle", "a settle of what is held was answered " + tests::to_text(body));
    } else if (ack) {
        readers_[held.reader]->owed.erase(held.place);
    } else {
        readers_[held.reader]->in_lane.insert(held.place);
    }
}

void TopicSimulation::create_topic() {
    static const std::vector<std::string> names{"a", "b", "a.x", "a.y", "b.x", "a.x.z"};
    const std::string name = prng_.pick(names);
    if (topics_.contains(name)) {
        return;
    }
    CreateTopic create;
    create.name = name;
    Topic& topic = topics_[name];
    topic.interest = prng_.chance(300);
    topic.keeps = !topic.interest && prng_.chance(300) ? 5 + prng_.below(20) : 0;
    topic.compact = prng_.chance(400);
    create.topic.compact = topic.compact;
    create.topic.interest = topic.interest;
    create.topic.retention.messages = topic.keeps;
    ask(create);
}

void TopicSimulation::publish() {
    auto topic = topics_.begin();
    std::advance(topic, prng_.below(topics_.size()));
    std::vector<tests::EntrySpec> specs;
    std::vector<Published> messages;
    for (std::uint64_t i = 1 + prng_.below(6); i > 0; --i) {
        Published one;
        one.payload = topic->first + ' ' + std::to_string(topic->second.log.size() + messages.size());
        one.kind = prng_.chance(500) ? "red" : "blue";
        one.number = static_cast<int>(prng_.below(10));
        one.key = prng_.chance(200) ? "" : "k" + std::to_string(prng_.below(4));
        one.at = driver_.now();
        specs.push_back({one.payload, one.kind, {{"kind", one.kind}, {"number", std::to_string(one.number)}}});
        messages.push_back(std::move(one));
    }
    Produce request;
    for (std::uint32_t i = 0; i < messages.size(); ++i) {
        if (!messages[i].key.empty()) {
            request.options.emplace_back(i, EntryOptions{}).second.group = messages[i].key;
        }
    }
    request.queue = topic->first;
    request.entries = tests::make_entries(specs);
    request.largest_entry_bytes = tests::largest_entry_bytes(request.entries);
    // Fetches that wait get it before the answer.
    for (Published& one : messages) {
        const Offset offset = topic->second.log.size();
        places_[one.payload] = {topic->first, offset};
        for (const auto& reader : readers_) {
            if (reader && reader->wanted.wants(topic->first, one)) {
                reader->owed.emplace(topic->first, offset);
            }
        }
        topic->second.log.push_back(std::move(one));
    }
    if (const ReplyBody body = ask(request); !std::holds_alternative<Produced>(body)) {
        findings_.add("publish", "a publish was answered " + tests::to_text(body));
    }
}

}  // namespace baton::simulation
