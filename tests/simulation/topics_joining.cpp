// Subscriptions and bindings come, go, and go on elsewhere.
#include "tests/simulation/topics.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

namespace baton::simulation {

using namespace core;

namespace {

constexpr std::ptrdiff_t readers_max = 12;

}  // namespace

void TopicSimulation::join() {
    if (std::count_if(readers_.begin(), readers_.end(), [](const auto& one) { return one != nullptr; }) >=
        readers_max) {
        return;
    }
    auto reader = std::make_unique<Reader>();
    reader->wanted = random_wanted();
    reader->name = "s" + std::to_string(next_name_++);
    reader->consumers = {next_name_ * 10};
    reader->binding = prng_.chance(200);
    if (reader->binding) {
        bind(std::move(reader));
        return;
    }
    reader->hold = prng_.chance(300);
    reader->by_key = prng_.chance(500);
    reader->strict = reader->by_key && prng_.chance(400);
    reader->queue = reader->wanted.topics + '/' + reader->name;
    CreateSubscription create;
    create.topic = reader->wanted.topics;
    create.name = reader->name;
    create.filter = reader->wanted.filter();
    create.hold = reader->hold;
    create.settings.lease_ms = readers_lease_ms;
    create.settings.max_attempts = 1'000;
    create.settings.max_lease_losses = 0;
    if (reader->by_key) {
        create.settings.consumer_mode = ConsumerMode::key_shared;
        reader->consumers.push_back(next_name_ * 10 + 1);
        if (prng_.chance(500)) {
            reader->consumers.push_back(next_name_ * 10 + 2);
        }
    }
    if (reader->strict) {
        create.settings.group_order = GroupOrder::strict;
    }
    create.start = random_start(reader->wanted);
    reader->by_last = std::holds_alternative<StartLastPerKey>(create.start);
    owe(*reader, create.start);
    if (prng_.chance(150)) {
        crash_within(create);
        if (!std::holds_alternative<QueueInfoPtr>(ask(ShowQueue{reader->queue}))) {
            return;
        }
        doubt_let_go(*reader);
    } else if (prng_.chance(400)) {
        join_while_others_publish(std::move(reader), create);
        return;
    } else if (const ReplyBody body = ask(create); !std::holds_alternative<QueueInfoPtr>(body)) {
        findings_.add("join", "a subscription was answered " + tests::to_text(body));
        return;
    }
    consume(*reader);
    readers_.push_back(std::move(reader));
}

void TopicSimulation::bind(std::unique_ptr<Reader> reader) {
    reader->queue = reader->name;
    ask(CreateQueue{reader->name, Profile::message, {}, false});
    const auto selects = std::make_shared<const Selection>(Selection{reader->wanted.topics, reader->wanted.filter()});
    ask(CreateBinding{reader->name, {reader->name, selects, {}}, false});
    consume(*reader);
    readers_.push_back(std::move(reader));
}

void TopicSimulation::join_while_others_publish(std::unique_ptr<Reader> reader, const CreateSubscription& create) {
    Request request = request_of(create);
    note("begun: " + tests::to_text(request));
    coverage_.sent(request);
    driver_.apply(std::move(request));
    // It is made and has begun with the past; the reads for that are not answered yet.
    for (int steps = 0; steps < 2; ++steps) {
        driver_.tick();
        driver_.seal();
        driver_.finish_commit();
    }
    Reader& joined = *reader;
    readers_.push_back(std::move(reader));
    publish();
    consume(joined);
    doubt_let_go(joined);
    // A start at a time is looked up first: what was published meanwhile was there before the subscription.
    joined.past = joined.owed;
}

void TopicSimulation::leave() {
    if (readers_.empty()) {
        return;
    }
    const std::size_t index = prng_.below(readers_.size());
    if (!readers_[index]) {
        return;
    }
    ask(DeleteQueue{readers_[index]->queue});
    std::erase_if(held_, [index](const Held& held) { return held.reader == index; });
    readers_[index].reset();
}

void TopicSimulation::seek() {
    if (readers_.empty()) {
        return;
    }
    const std::size_t index = prng_.below(readers_.size());
    if (!readers_[index] || readers_[index]->binding) {
        return;
    }
    Reader& reader = *readers_[index];
    SeekSubscription seek;
    seek.topic = reader.wanted.topics;
    seek.name = reader.name;
    seek.start = random_start(reader.wanted);
    std::erase_if(held_, [index](const Held& held) { return held.reader == index; });
    reader.newest.clear();
    reader.doubtful.clear();
    reader.in_lane.clear();
    reader.to_come.clear();
    if (std::holds_alternative<StartLastPerKey>(seek.start) && !selects(reader)) {
        seek.start = StartNow{};
    }
    owe(reader, seek.start);
    if (const ReplyBody body = ask(seek); !std::holds_alternative<Counted>(body)) {
        findings_.add("seek", "a seek was answered " + tests::to_text(body));
    }
}

}  // namespace baton::simulation
