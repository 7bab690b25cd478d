#include "tests/simulation/flows.hpp"

#include "server/core/limits.hpp"
#include "tests/support/entries.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <variant>

namespace baton::simulation {

using namespace core;

namespace {

constexpr DurationMs flow_lease_ms = 60'000;
constexpr std::size_t queue_count = 3;
constexpr const char* queue_names[queue_count] = {"books", "chapters", "pages"};

tests::RoundDriver::Options flow_driver() {
    tests::RoundDriver::Options driver;
    driver.core.restart_grace_ms = 500;
    driver.core.flows_in_memory_max = 2;
    return driver;
}

}  // namespace

FlowSimulation::FlowSimulation(RunOptions options)
    : options_(options),
      prng_(options.seed),
      driver_(flow_driver()),
      coverage_(options.coverage, driver_, options.trace) {
    if (options_.digest) {
        driver_.keep_digest();
    }
    driver_.watch_commits([this] {
        // Not after each, since it goes through all that is stored.
        if (driver_.store().commits() % 16 == 0) {
            check_records();
        }
    });
}

void FlowSimulation::note(const std::string& text) const {
    if (options_.trace) {
        std::printf("%lld  %s\n", static_cast<long long>(driver_.now()), text.c_str());
    }
}

Outcome FlowSimulation::run() {
    connect();
    purges_ = options_.seed % 3 != 0;
    policies_ = {FailurePolicy::ignore, FailurePolicy::remove, FailurePolicy::wait};
    if (options_.seed % 3 != 1) {
        policies_.push_back(FailurePolicy::fail_parent);
    }
    if (options_.seed % 3 != 2) {
        policies_.push_back(FailurePolicy::continue_parent);
    }
    current_.resize(queue_count);
    for (std::size_t name = 0; name < queue_count; ++name) {
        create_queue(name);
        consume(name);
    }
    for (std::uint64_t i = 0; i < options_.events && findings_.none(); ++i) {
        step();
        check_fresh();
        if (i % 20 == 19 && findings_.none()) {
            check();
            compare();
        }
    }
    Outcome outcome;
    outcome.findings = findings_.all();
    outcome.digest = driver_.digest();
    outcome.commits = driver_.store().commits();
    outcome.messages = jobs_.size();
    outcome.deliveries = deliveries_;
    outcome.crashes = crashes_;
    return outcome;
}

void FlowSimulation::step() {
    const std::uint32_t bulk = purges_ ? 1 : 0;
    switch (prng_.weighted({15, 50, 8, 6, 8, 2 * bulk, bulk, 6, 8, 8, 3, 5})) {
        case 0:
            return add();
        case 1:
            return settle_one();
        case 2:
            return retry();
        case 3:
            return give_up();
        case 4:
            driver_.advance(prng_.between(0, 2'000));
            return settle();
        case 5:
            return purge();
        case 6:
            return delete_queue();
        case 8:
            return grow();
        case 9:
            return wait_for_children();
        case 10:
            return detach_one();
        case 11:
            return act();
        default:
            return crash();
    }
}

void FlowSimulation::connect() {
    OpenSession open;
    open.fresh = SessionId{++connection_ + 1'000};
    open.grace_ms = 0;
    ask(open);
    for (std::size_t name = 0; name < queue_count && !names_.empty(); ++name) {
        consume(name);
    }
}

void FlowSimulation::consume(std::size_t name) {
    OpenConsumer consumer;
    consumer.consumer = ConsumerId{current_[name] + 1};
    consumer.queue = queue_names[name];
    consumer.credit_messages = 6;
    consumer.credit_bytes = limits::credit_bytes_max;
    ask(consumer);
}

void FlowSimulation::crash() {
    crashes_ += 1;
    coverage_.crashed(driver_.crash(0, prng_.chance(500)).last_commit);
    check_records();
    take();
    note("crashed");
    held_.clear();
    connect();
}

void FlowSimulation::settle() {
    if (!driver_.settle()) {
        findings_.add("rest", "the broker does not come to rest");
    }
    take();
}

ReplyBody FlowSimulation::ask(RequestBody body) {
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

void FlowSimulation::take() {
    std::vector<tests::Released> all = driver_.take_released();
    coverage_.left(all);
    for (tests::Released& released : all) {
        if (auto* reply = std::get_if<Reply>(&released.effect)) {
            replies_[value(reply->request)] = std::move(reply->body);
        } else if (const auto* frame = std::get_if<Deliver>(&released.effect)) {
            for (const Deliver::Run& run : frame->runs) {
                for (std::uint32_t i = 0; i < run.entries.count; ++i) {
                    deliveries_ += 1;
                    const JobId job{value(frame->consumer) - 1, run.first + i};
                    fresh_.push_back(job);
                    if (value(frame->connection) == connection_) {
                        held_.push_back({frame->token, job, released.decided_at + flow_lease_ms});
                    }
                }
            }
        }
    }
    std::erase_if(held_, [&](const Held& held) { return held.until <= driver_.now() + 1'000; });
}

/// Nodes in an order in which each comes before its children; a job may have two parents.
void FlowSimulation::add() {
    AddFlow request;
    std::vector<std::size_t> queues;
    const std::size_t count = 1 + prng_.below(7);
    for (std::size_t i = 0; i < count; ++i) {
        request.nodes.push_back(some_node(i, true, queues));
    }
    const ReplyBody body = ask(request);
    if (const auto* stored = std::get_if<FlowAdded>(&body)) {
        added(request, queues, *stored);
    } else {
        findings_.add("flows", "a flow was answered " + tests::to_text(body));
    }
}

FlowNode FlowSimulation::some_node(std::size_t index, bool may_have_parents, std::vector<std::size_t>& queues) {
    FlowNode node;
    const std::size_t name = prng_.below(queue_count);
    queues.push_back(current_[name]);
    node.queue = queue_names[name];
    node.entry = tests::make_entries(std::vector<std::string>{std::to_string(index)});
    node.policy = policies_[prng_.below(policies_.size())];
    if (may_have_parents && index > 0 && prng_.chance(800)) {
        node.parents.push_back(static_cast<std::uint32_t>(prng_.below(index)));
    }
    if (may_have_parents && index > 1 && prng_.chance(150)) {
        const auto other = static_cast<std::uint32_t>(prng_.below(index));
        if (node.parents.empty() || node.parents.front() != other) {
            node.parents.push_back(other);
        }
    }
    if (prng_.chance(200)) {
        node.options.priority = prng_.below32(3);
    }
    if (prng_.chance(100)) {
        node.options.delay_ms = prng_.between(1, 3'000);
    }
    return node;
}

void FlowSimulation::added(const AddFlow& request, const std::vector<std::size_t>& queues, const FlowAdded& added) {
    // Delivered already, as far as they are ready: the model comes after the broker here.
    for (std::size_t i = 0; i < queues.size(); ++i) {
        const JobId id{queues[i], added.messages[i].second};
        Modelled& job = jobs_[id];
        for (const std::uint32_t parent : request.nodes[i].parents) {
            const JobId above{queues[parent], added.messages[parent].second};
            Modelled& of = jobs_[above];
            of.state = Is::waiting_children;
            job.parents.push_back({above, of.children.size()});
            of.children.push_back({id, request.nodes[i].policy, ChildState::pending, ""});
        }
    }
}

void FlowSimulation::settle_one() {
    if (held_.empty()) {
        return;
    }
    const auto at = held_.begin() + static_cast<std::ptrdiff_t>(prng_.below(held_.size()));
    const Held held = *at;
    held_.erase(at);
    if (jobs_.contains(held.job) && jobs_[held.job].state != Is::ready) {
        return;  // Given up while it was held.
    }
    const bool complete = prng_.chance(700);
    const std::string result =
        std::string(prng_.chance(200) ? limits::flow_result_bytes_inline : 0, 'r') + std::to_string(next_request_);
    Settlement settlement;
    settlement.token = held.token;
    settlement.ranges = {{held.job.second, 1}};
    settlement.action = complete ? SettleAction(Ack{std::make_shared<const JobResult>(JobResult{"", result})})
                                 : SettleAction(Fail{"no luck", true, {}});
    const ReplyBody body = ask(Settle{{settlement}, {}});
    const auto* settled = std::get_if<Settled>(&body);
    const bool kept = complete && is_kept(jobs_[held.job]);
    if (settled == nullptr || settled->refused.empty() == kept) {
        findings_.add("flows", "a settle of what is held was answered " + tests::to_text(body));
        return;
    }
    if (kept) {
        held_.push_back(held);
        return;
    }
    ended(held.job, complete ? Is::completed : Is::failed, result);
}

void FlowSimulation::retry() {
    std::vector<JobId> failed;
    for (const auto& [id, job] : jobs_) {
        if (job.state == Is::failed) {
            failed.push_back(id);
        }
    }
    if (failed.empty()) {
        return;
    }
    const JobId id = failed[prng_.below(failed.size())];
    RetryFailed request;
    request.queue = name_of(id);
    request.offsets = {id.second};
    again(id);
    const ReplyBody body = ask(request);
    const auto* counted = std::get_if<Counted>(&body);
    if (counted == nullptr || counted->messages != 1) {
        findings_.add("flows", "a retry was answered " + tests::to_text(body));
    }
}

const char* FlowSimulation::name_of(const JobId& job) const { return queue_names[names_.at(job.first)]; }

void FlowSimulation::create_queue(std::size_t name) {
    CreateQueue create;
    create.name = queue_names[name];
    create.profile = Profile::job;
    create.settings.lease_ms = flow_lease_ms;
    create.settings.max_attempts = 1;
    create.settings.completed_retention = {0, 0, 0};
    create.settings.failed_retention = {0, 0, 0};
    ask(create);
    current_[name] = names_.size();
    names_.push_back(name);
}

void FlowSimulation::ask_or_crash(RequestBody body) {
    if (prng_.chance(600)) {
        ask(std::move(body));
        return;
    }
    Request request;
    request.connection = ConnectionId{connection_};
    request.id = RequestId{next_request_++};
    request.body = std::move(body);
    note(tests::to_text(request));
    driver_.apply(std::move(request));
    driver_.seal();
    crash();
}

/// What is held stays, and what a restart holds may go: the model is told by what is there behind it.
void FlowSimulation::purge() {
    const std::size_t queue = current_[prng_.below(queue_count)];
    ask_or_crash(PurgeQueue{queue_names[names_[queue]], prng_.chance(500), false});
    std::vector<JobId> gone;
    for (const auto& [id, job] : jobs_) {
        if (id.first == queue && job.state != Is::gone && !is_there(id)) {
            gone.push_back(id);
        }
    }
    for (const JobId& id : gone) {
        ended(id, Is::gone, "");
    }
}

void FlowSimulation::delete_queue() {
    const std::size_t name = prng_.below(queue_count);
    const std::size_t queue = current_[name];
    ask_or_crash(DeleteQueue{queue_names[name]});
    if (std::holds_alternative<QueueInfoPtr>(ask(ShowQueue{queue_names[name]}))) {
        return;  // Stopped before.
    }
    std::vector<JobId> gone;
    for (const auto& [id, job] : jobs_) {
        if (id.first == queue && job.state != Is::gone) {
            gone.push_back(id);
        }
    }
    for (const JobId& id : gone) {
        ended(id, Is::gone, "");
    }
    std::erase_if(held_, [&](const Held& held) { return held.job.first == queue; });
    create_queue(name);
    consume(name);
}

/// Removes a job that nobody holds.
void FlowSimulation::give_up() {
    std::vector<JobId> all;
    for (const auto& [id, job] : jobs_) {
        const bool held = std::any_of(held_.begin(), held_.end(), [&](const Held& one) { return one.job == id; });
        if (job.state != Is::gone && !held) {
            all.push_back(id);
        }
    }
    if (all.empty()) {
        return;
    }
    const JobId id = all[prng_.below(all.size())];
    const Is before = jobs_[id].state;
    const ReplyBody body = ask(RemoveJobs{name_of(id), {id.second}});
    const auto* removed = std::get_if<JobsRemoved>(&body);
    if (removed == nullptr) {
        findings_.add("flows", "a removal was answered " + tests::to_text(body));
    } else if (removed->removed == 1) {
        ended(id, Is::gone, "");
    } else if (before != Is::ready) {
        findings_.add("flows", "a job that nobody holds was not removed");  // A ready one may be held since a crash.
    }
}

}  // namespace baton::simulation
