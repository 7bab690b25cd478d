#include "tests/simulation/finished.hpp"

#include "server/core/limits.hpp"
#include "tests/support/entries.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>
#include <cstdio>
#include <variant>

namespace baton::simulation {

using namespace core;

namespace {

constexpr DurationMs jobs_lease_ms = 60'000;

tests::RoundDriver::Options finished_driver() {
    tests::RoundDriver::Options driver;
    driver.core.restart_grace_ms = 500;
    return driver;
}

}  // namespace

FinishedSimulation::FinishedSimulation(RunOptions options)
    : options_(options),
      prng_(options.seed),
      driver_(finished_driver()),
      coverage_(options.coverage, driver_, options.trace) {
    if (options_.digest) {
        driver_.keep_digest();
    }
}

void FinishedSimulation::note(const std::string& text) const {
    if (options_.trace) {
        std::printf("%lld  %s\n", static_cast<long long>(driver_.now()), text.c_str());
    }
}

Outcome FinishedSimulation::run() {
    connect();
    CreateQueue create;
    create.name = queue_name_;
    create.profile = Profile::job;
    create.settings.lease_ms = jobs_lease_ms;
    create.settings.max_attempts = 1;
    create.settings.completed_retention = {7, 30'000, 3'000};
    create.settings.failed_retention = {5, 50'000, 0};
    create.settings.event_retention = {0, 0, 0};
    settings_ = changed(default_settings(Profile::job), create.settings, driver_.now());
    ask(create);
    for (std::uint64_t i = 0; i < options_.events && findings_.none(); ++i) {
        step();
        if (i % 20 == 19 && findings_.none()) {
            rest();
            check();
            check_events();
            check_reports();
            compare();
        }
    }
    Outcome outcome;
    outcome.findings = findings_.all();
    outcome.digest = driver_.digest();
    outcome.commits = driver_.store().commits();
    outcome.messages = payloads_.size();
    outcome.deliveries = deliveries_;
    outcome.crashes = crashes_;
    return outcome;
}

void FinishedSimulation::step() {
    switch (prng_.weighted({25, 40, 8, 5, 2, 3, 12, 5, 20, 6})) {
        case 0:
            return produce();
        case 1:
            return end_some();
        case 2:
            return retry();
        case 3:
            return remove();
        case 4:
            return purge();
        case 5:
            return change_settings();
        case 6:
            driver_.advance(prng_.between(0, prng_.chance(100) ? 40'000 : 2'000));
            settle();
            trim();
            return;
        case 7:
            return crash();
        case 8:
            return report();
        default:
            return run_task();
    }
}

void FinishedSimulation::connect() {
    OpenSession open;
    open.fresh = SessionId{++connection_ + 1'000};
    open.grace_ms = 0;
    ask(open);
    OpenConsumer consumer;
    consumer.consumer = ConsumerId{1};
    consumer.queue = queue_name_;
    consumer.credit_messages = 20;
    consumer.credit_bytes = limits::credit_bytes_max;
    consumer.worker = "worker";
    ask(consumer);
}

void FinishedSimulation::crash() {
    crashes_ += 1;
    if (prng_.chance(500)) {
        settle();
    }
    coverage_.crashed(driver_.crash(0, prng_.chance(500)).last_commit);
    take();
    note("crashed");
    held_.clear();
    waits_.clear();
    connect();
}

bool FinishedSimulation::settle() {
    const bool rests = driver_.settle();
    take();
    if (!rests) {
        findings_.add("rest", "the broker does not come to rest");
    }
    return rests;
}

void FinishedSimulation::rest() {
    // A step of retention may wait for the one before it, and the purge of a large backlog takes several.
    for (int i = 0; i < 3; ++i) {
        driver_.advance(limits::retention_every_ms);
        settle();
    }
    trim();
}

ReplyBody FinishedSimulation::ask(RequestBody body) {
    Request request;
    request.connection = ConnectionId{connection_};
    request.id = RequestId{next_request_++};
    request.body = std::move(body);
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

void FinishedSimulation::take() {
    std::vector<tests::Released> all = driver_.take_released();
    coverage_.left(all);
    for (tests::Released& released : all) {
        if (auto* batch = std::get_if<EventBatch>(&released.effect)) {
            events_.push_back(std::move(*batch));
        } else if (auto* reply = std::get_if<Reply>(&released.effect)) {
            replies_[value(reply->request)] = std::move(reply->body);
        } else if (const auto* frame = std::get_if<Deliver>(&released.effect)) {
            for (const Deliver::Run& run : frame->runs) {
                for (std::uint32_t i = 0; i < run.entries.count; ++i) {
                    deliveries_ += 1;
                    check_delivered(run.first + i, tests::payload_of(run.entries, i));
                    if (value(frame->connection) == connection_) {
                        held_.push_back({frame->token, run.first + i, released.decided_at + jobs_lease_ms});
                    }
                }
            }
        }
    }
    std::erase_if(held_, [&](const Held& held) { return held.until <= driver_.now() + 1'000; });
}

void FinishedSimulation::produce() {
    std::vector<std::string> payloads;
    for (std::uint64_t i = 1 + prng_.below(6); i > 0; --i) {
        payloads.push_back(std::to_string(payloads_.size() + payloads.size()) + ' ' +
                           std::string(prng_.chance(100) ? 5'000 : prng_.below(40), 'p'));
    }
    Produce request;
    request.queue = queue_name_;
    request.entries = tests::make_entries(payloads);
    request.largest_entry_bytes = tests::largest_entry_bytes(request.entries);
    if (prng_.chance(200)) {
        request.defaults.priority = prng_.below32(3);
    }
    const ReplyBody body = ask(request);
    if (const auto* produced = std::get_if<Produced>(&body)) {
        for (std::size_t i = 0; i < payloads.size(); ++i) {
            payloads_[produced->first + i] = payloads[i];
        }
    }
}

/// Ends one message, or adjacent ones of a batch in one range.
void FinishedSimulation::end_some() {
    if (held_.empty()) {
        return;
    }
    const std::size_t from = prng_.below(held_.size());
    std::size_t to = from + 1;
    const std::size_t most = 1 + prng_.below(5);
    while (to < held_.size() && to - from < most && held_[to].token.batch == held_[from].token.batch &&
           held_[to].offset == held_[to - 1].offset + 1) {
        ++to;
    }
    const std::vector<Held> some(held_.begin() + static_cast<std::ptrdiff_t>(from),
                                 held_.begin() + static_cast<std::ptrdiff_t>(to));
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(from), held_.begin() + static_cast<std::ptrdiff_t>(to));
    const bool complete = prng_.chance(800);
    const std::string result = prng_.chance(700) ? "result " + std::to_string(next_request_) : "";
    Settlement settlement;
    settlement.token = some.front().token;
    settlement.ranges = {{some.front().offset, static_cast<std::uint32_t>(some.size())}};
    if (complete) {
        settlement.action =
            Ack{result.empty() ? nullptr : std::make_shared<const JobResult>(JobResult{"text/plain", result})};
    } else {
        Fail failure{"no luck", true, {}};
        failure.error_class = prng_.chance(500) ? "net.down" : "http.404";
        for (const Held& held : some) {
            error_classes_[held.offset] = failure.error_class;
        }
        settlement.action = std::move(failure);
    }
    for (const Held& held : some) {
        if (prng_.chance(200)) {
            wait_for(held.offset);
        }
    }
    const TimeMs at = driver_.now();
    const ReplyBody body = ask(Settle{{settlement}, {}});
    const auto* settled = std::get_if<Settled>(&body);
    if (settled == nullptr || !settled->refused.empty()) {
        findings_.add("results", "a settle of what is held was answered " + tests::to_text(body));
        return;
    }
    for (const Held& held : some) {
        last_ends_[held.offset] = complete ? EventType::completed : EventType::failed;
        check_wait(held.offset, complete ? JobOutcome::completed : JobOutcome::failed, complete ? result : "no luck");
        const std::uint64_t entry = tests::make_entries(std::vector<std::string>{payloads_[held.offset]}).size_of(0);
        if (complete) {
            const std::uint64_t body_bytes = entry <= settings_.completed_payload_bytes ? entry : 0;
            const std::uint64_t result_bytes = result.empty() ? 0 : result.size() + 10;
            completed_.push_back({held.offset, at, result, completed_record_bytes + body_bytes + result_bytes});
        } else {
            failed_.push_back({held.offset, at, "", entry});
        }
    }
    rest();
}

/// Names a job that is not over.
void FinishedSimulation::retry_unfinished() {
    std::vector<Offset> unfinished;
    for (const auto& [offset, payload] : payloads_) {
        if (!last_ends_.contains(offset)) {
            unfinished.push_back(offset);
        }
    }
    if (unfinished.empty()) {
        return;
    }
    RetryFailed request;
    request.queue = queue_name_;
    request.offsets = {prng_.pick(unfinished)};
    const ReplyBody body = ask(request);
    const auto* counted = std::get_if<Counted>(&body);
    if (counted == nullptr || counted->messages != 0) {
        findings_.add("results", "a retry of a job that is not over was answered " + tests::to_text(body));
    }
}

void FinishedSimulation::retry() {
    if (prng_.chance(100)) {
        return retry_unfinished();
    }
    rest();
    std::deque<Ended>& set = prng_.chance(600) ? completed_ : failed_;
    if (set.empty()) {
        return;
    }
    RetryFailed request;
    request.queue = queue_name_;
    if (prng_.chance(100)) {
        request.completed = &set == &completed_;
    } else {
        request.offsets = {set[prng_.below(set.size())].offset};
    }
    const auto goes = [&](const Ended& one) {
        const bool named = request.offsets.empty() || request.offsets.front() == one.offset;
        const std::uint64_t entry = tests::make_entries(std::vector<std::string>{payloads_[one.offset]}).size_of(0);
        return named && (&set == &failed_ || entry <= settings_.completed_payload_bytes);
    };
    const auto expected = static_cast<std::uint64_t>(std::count_if(set.begin(), set.end(), goes));
    const ReplyBody body = ask(request);
    const auto* counted = std::get_if<Counted>(&body);
    if (counted == nullptr || counted->messages != expected) {
        findings_.add("results", "a retry of " + std::to_string(expected) + " was answered " + tests::to_text(body));
    }
    for (const Ended& one : set) {
        if (goes(one)) {
            last_ends_.erase(one.offset);
        }
    }
    std::erase_if(set, goes);
}

void FinishedSimulation::remove() {
    rest();
    std::deque<Ended>& set = prng_.chance(600) ? completed_ : failed_;
    if (set.empty()) {
        return;
    }
    const auto one = set.begin() + static_cast<std::ptrdiff_t>(prng_.below(set.size()));
    const ReplyBody body = ask(RemoveJobs{queue_name_, {one->offset}});
    const auto* removed = std::get_if<JobsRemoved>(&body);
    if (removed == nullptr || removed->removed != 1) {
        findings_.add("results", "a removal was answered " + tests::to_text(body));
    }
    last_ends_[one->offset] = EventType::removed;
    set.erase(one);
}

void FinishedSimulation::purge() {
    rest();
    PurgeQueue request{queue_name_, prng_.chance(500), prng_.chance(500)};
    ask(request);
    if (request.failed) {
        failed_.clear();
    }
    if (request.completed) {
        completed_.clear();
    }
}

void FinishedSimulation::change_settings() {
    rest();
    QueueSettingsChange change;
    change.completed_retention.messages = prng_.below(10);
    change.completed_retention.bytes = prng_.chance(500) ? 0 : 500 + prng_.below(3'000);
    change.failed_retention.age_ms = prng_.chance(300) ? 0 : prng_.between(1'000, 60'000);
    settings_ = changed(settings_, change, driver_.now());
    ask(UpdateQueue{queue_name_, change});
    rest();
}

void FinishedSimulation::wait_for(Offset offset) {
    Request request;
    request.connection = ConnectionId{connection_};
    request.id = RequestId{next_request_++};
    request.body = WaitJob{queue_name_, offset, 3'600'000, 0};
    waits_[offset] = value(request.id);
    note(tests::to_text(request));
    driver_.apply(std::move(request));
    settle();
}

}  // namespace baton::simulation
