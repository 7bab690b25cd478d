#include "tests/simulation/schedules.hpp"

#include "tests/support/entries.hpp"
#include "tests/support/printing.hpp"

#include <algorithm>
#include <cstdio>
#include <variant>

namespace baton::simulation {

using namespace core;

namespace {

constexpr DurationMs minute_ms = 60'000;
const std::vector<std::string> queue_names{"one", "two"};
const std::vector<std::string> schedule_names{"a", "b", "c", "d"};

}  // namespace

ScheduleSimulation::ScheduleSimulation(RunOptions options)
    : options_(options),
      prng_(options.seed),
      driver_([] {
          tests::RoundDriver::Options driver;
          driver.core.restart_grace_ms = 1'000;
          return driver;
      }()),
      coverage_(options.coverage, driver_, options.trace) {
    if (options_.digest) {
        driver_.keep_digest();
    }
}

void ScheduleSimulation::note(const std::string& text) const {
    if (options_.trace) {
        std::printf("%lld  %s\n", static_cast<long long>(driver_.now()), text.c_str());
    }
}

Outcome ScheduleSimulation::run() {
    connect();
    for (const std::string& name : queue_names) {
        CreateQueue create;
        create.name = name;
        create.profile = name == "two" ? Profile::job : Profile::message;
        create.settings.max_attempts = 2;
        Backoff backoff;
        backoff.base_ms = 3'000;
        create.settings.backoff = backoff;
        ask(create);
    }
    for (std::uint64_t i = 0; i < options_.events && findings_.none(); ++i) {
        step();
        if (i % 50 == 49 && findings_.none() && settle()) {
            compare();
            check_counts();
        }
    }
    Outcome outcome;
    outcome.findings = findings_.all();
    outcome.digest = driver_.digest();
    outcome.commits = driver_.store().commits();
    outcome.messages = seen_.size();
    outcome.deliveries = deliveries_;
    outcome.crashes = crashes_;
    return outcome;
}

void ScheduleSimulation::step() {
    switch (prng_.weighted({8, 40, 30, 18, 4})) {
        case 0:
            administer();
            break;
        case 1:
            step_machine();
            break;
        case 2: {
            const auto deadline = driver_.core().next_deadline();
            if (deadline && *deadline > driver_.now() && prng_.chance(500)) {
                driver_.advance_to(*deadline - (prng_.chance(300) ? 1 : 0));
            } else {
                driver_.advance(prng_.between(0, 3'000));
            }
            break;
        }
        case 3:
            work();
            break;
        default:
            crash();
            break;
    }
    take();
}

void ScheduleSimulation::step_machine() {
    if (driver_.reads() != 0 && prng_.chance(500)) {
        driver_.answer_read(prng_.below(driver_.reads()));
    } else if (driver_.commit_in_flight()) {
        driver_.finish_commit();
    } else if (driver_.wants_round()) {
        driver_.tick();
        driver_.seal();
    }
}

void ScheduleSimulation::crash() {
    crashes_ += 1;
    if (prng_.chance(300)) {
        driver_.advance(prng_.between(0, 10 * minute_ms));
    }
    coverage_.crashed(driver_.crash(0, prng_.chance(500)).last_commit);
    take();
    note("crashed");
    held_.clear();
    connect();
}

void ScheduleSimulation::connect() {
    OpenSession open;
    open.fresh = SessionId{++connection_ + 1'000};
    ask(open);
    for (std::size_t i = 0; i < queue_names.size(); ++i) {
        OpenConsumer consumer;
        consumer.consumer = ConsumerId{i + 1};
        consumer.queue = queue_names[i];
        consumer.credit_messages = 5;
        consumer.credit_bytes = limits::credit_bytes_max;
        ask(consumer);
    }
}

bool ScheduleSimulation::settle() {
    const bool rests = driver_.settle();
    take();
    if (!rests) {
        findings_.add("rest", "the broker does not come to rest");
    }
    return rests;
}

ReplyBody ScheduleSimulation::ask(RequestBody body) {
    Request request;
    request.connection = ConnectionId{connection_};
    request.id = RequestId{next_request_++};
    request.body = std::move(body);
    const std::uint64_t id = value(request.id);
    note(tests::to_text(request));
    // Due firings come first: the answer is about what is left.
    settle();
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

ScheduleSpec ScheduleSimulation::random_spec() {
    ScheduleSpec spec;
    spec.queue = prng_.pick(queue_names);
    spec.entry = tests::make_entries(std::vector<std::string>{"run " + std::to_string(prng_.below(5))});
    spec.overlap = static_cast<Overlap>(1 + prng_.below(3));
    spec.missed = static_cast<MissedRuns>(1 + prng_.below(3));
    spec.missed_max = spec.missed == MissedRuns::run_all ? 1 + prng_.below32(5) : 0;
    ScheduleTiming& timing = spec.timing;
    if (prng_.chance(500)) {
        const std::vector<DurationMs> intervals{1'000, 7'000, minute_ms};
        timing.every_ms = prng_.pick(intervals);
        timing.jitter_ms = prng_.chance(300) ? timing.every_ms / 2 : 0;
        timing.offset_ms = prng_.chance(300) ? 250 : 0;
        if (prng_.chance(300)) {
            timing.anchor = prng_.between(0, 100'000);
        }
    } else {
        const std::vector<std::string> patterns{"* * * * *", "*/10 * * * * *", "15,45 * * * * *"};
        timing.cron = prng_.pick(patterns);
        timing.zone = prng_.chance(500) ? "Europe/Berlin" : "";
    }
    return spec;
}

void ScheduleSimulation::upsert(const std::string& name) {
    const auto before = known_.find(name);
    ScheduleSpec spec = before != known_.end() && prng_.chance(300) ? before->second.spec : random_spec();
    const ReplyBody body = ask(UpsertSchedule{name, std::make_shared<const ScheduleSpec>(spec), {}});
    const auto* made = std::get_if<ScheduleInfoPtr>(&body);
    if (made == nullptr) {
        findings_.add("schedules", "an upsert was answered " + tests::to_text(body));
        return;
    }
    const ScheduleInfoPtr& info = *made;
    const bool fresh = before == known_.end();
    if (!fresh && before->second.spec.timing == spec.timing) {
        // Same times: everything goes on as it was.
        check_counts();
        Known& known = before->second;
        known.spec = spec;
        return;
    }
    Known known;
    known.spec = spec;
    known.anchor_at = info->anchor_at;
    const bool at_once = fresh && spec.timing.every_ms != 0 && !spec.timing.anchor;
    known.after = std::max(driver_.now() - (at_once ? 1 : 0), fresh ? 0 : info->progress.last_firing_at);
    known.paused = info->progress.paused;
    // A firing of this very moment was counted before it was answered.
    known.fired_before = at_once ? 0 : info->progress.fired;
    known.skipped_before = at_once ? 0 : info->progress.skipped;
    known_[name] = known;
}

void ScheduleSimulation::administer() {
    const std::string name = prng_.pick(schedule_names);
    const auto known = known_.find(name);
    if (known == known_.end() || prng_.chance(400)) {
        upsert(name);
        return;
    }
    switch (prng_.below(4)) {
        case 0: {
            const bool paused = !known->second.paused;
            check_counts();
            const ReplyBody body = ask(PauseSchedule{name, paused});
            const ScheduleProgress& progress = std::get<ScheduleInfoPtr>(body)->progress;
            known->second.paused = paused;
            known->second.after = std::max(driver_.now(), progress.last_firing_at);
            known->second.fired_before = progress.fired;
            known->second.skipped_before = progress.skipped;
            break;
        }
        case 1: {
            const ReplyBody body = ask(RunSchedule{name});
            if (!std::holds_alternative<Produced>(body)) {
                findings_.add("schedules", "a run by hand was answered " + tests::to_text(body));
            }
            break;
        }
        case 2:
            ask(DeleteSchedule{name});
            known_.erase(name);
            std::erase_if(seen_, [&](const auto& run) { return run.first.schedule == name; });
            break;
        default:
            ask(ListSchedules{"", "", 2});
            break;
    }
}

void ScheduleSimulation::work() {
    if (held_.empty()) {
        return;
    }
    const std::size_t i = prng_.below(held_.size());
    const auto [token, offset] = held_[i];
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
    Settlement settlement;
    settlement.token = token;
    settlement.ranges = {{offset, 1}};
    settlement.action = prng_.chance(200) ? SettleAction(Fail{"no luck", prng_.chance(200), {}}) : SettleAction(Ack{});
    Request request;
    request.connection = ConnectionId{connection_};
    request.body = Settle{{settlement}, {}};
    driver_.apply(std::move(request));
}

void ScheduleSimulation::take() {
    std::vector<tests::Released> all = driver_.take_released();
    coverage_.left(all);
    for (tests::Released& released : all) {
        if (auto* reply = std::get_if<Reply>(&released.effect)) {
            if (const auto* produced = std::get_if<Produced>(&reply->body)) {
                by_hand_.emplace(value(produced->queue), produced->first);
            }
            replies_[value(reply->request)] = std::move(reply->body);
        }
    }
    for (const tests::Released& released : all) {
        if (const auto* frame = std::get_if<Deliver>(&released.effect)) {
            delivered(*frame, released.decided_at);
        }
    }
}

void ScheduleSimulation::delivered(const Deliver& frame, TimeMs decided_at) {
    const bool mine = value(frame.connection) == connection_;
    for (const Deliver::Run& run : frame.runs) {
        for (std::uint32_t i = 0; i < run.entries.count && mine; ++i) {
            held_.emplace_back(frame.token, run.first + i);
        }
    }
    for (const Deliver::Detail& detail : frame.details) {
        deliveries_ += 1;
        if (!detail.scheduled) {
            findings_.add("schedules", "a message without its firing was delivered");
            continue;
        }
        note("  run of " + detail.scheduled->schedule + " at " + std::to_string(detail.scheduled->firing_at));
        check_run(*detail.scheduled, frame.token.queue, detail.offset, decided_at);
    }
}

bool ScheduleSimulation::is_firing(const Known& known, TimeMs at) const {
    const ScheduleTiming& timing = known.spec.timing;
    const TimeMs slot = at - timing.offset_ms;
    if (timing.every_ms != 0) {
        return (slot - known.anchor_at) % timing.every_ms == 0;
    }
    const std::int64_t second = slot / 1'000 % 60;
    if (slot % 1'000 != 0) {
        return false;
    }
    return timing.cron.starts_with("15") ? second == 15 || second == 45
                                         : second % (timing.cron.starts_with("*/") ? 10 : 60) == 0;
}

std::uint64_t ScheduleSimulation::firings_between(const Known& known, TimeMs after, TimeMs until) const {
    std::uint64_t count = 0;
    const ScheduleTiming& timing = known.spec.timing;
    if (timing.every_ms != 0) {
        const TimeMs origin = known.anchor_at + timing.offset_ms;
        const auto slots = [&](TimeMs at) {
            const DurationMs since = at - origin;
            return since / timing.every_ms - (since % timing.every_ms < 0 ? 1 : 0);
        };
        return static_cast<std::uint64_t>(slots(until) - slots(after));
    }
    for (TimeMs at = after / 1'000 * 1'000 + 1'000; at <= until; at += 1'000) {
        count += is_firing(known, at) ? 1 : 0;
    }
    return count;
}

void ScheduleSimulation::check_run(const ScheduledRun& run, QueueId queue, Offset offset, TimeMs decided_at) {
    const std::pair where{value(queue), offset};
    if (decided_at < run.firing_at) {
        findings_.add("schedules", "a run of " + run.schedule + " was delivered early");
    }
    const auto known = known_.find(run.schedule);
    if (known == known_.end() || by_hand_.contains(where) || run.firing_at <= known->second.after) {
        return;
    }
    if (!is_firing(known->second, run.firing_at)) {
        findings_.add("schedules",
                      run.schedule + " fired at " + std::to_string(run.firing_at) + ", when nothing is due");
    }
    const auto [seen, fresh] = seen_.try_emplace(Run{run.schedule, run.firing_at}, where);
    if (!fresh && seen->second != where && !by_hand_.contains(seen->second)) {
        findings_.add("schedules",
                      "the firing of " + run.schedule + " at " + std::to_string(run.firing_at) + " made two messages");
    }
}

/// At rest: every firing that is due was counted once, as fired or as skipped.
void ScheduleSimulation::check_counts() {
    for (auto& [name, known] : known_) {
        const ReplyBody body = ask(ShowSchedule{name});
        const auto* found = std::get_if<ScheduleInfoPtr>(&body);
        if (found == nullptr) {
            findings_.add("schedules", name + " is gone");
            return;
        }
        if (known.paused) {
            continue;
        }
        const ScheduleInfoPtr& info = *found;
        const ScheduleProgress& progress = info->progress;
        if (progress.next_at == 0 || info->next_due_at <= driver_.now()) {
            findings_.add("schedules", name + " does not go on");
            continue;
        }
        const std::uint64_t done = progress.fired - known.fired_before + progress.skipped - known.skipped_before;
        const std::uint64_t due = firings_between(known, known.after, progress.next_at - 1);
        if (done != due) {
            findings_.add("schedules", name + ": " + std::to_string(due) + " firings were due, and " +
                                           std::to_string(done) + " are counted");
        }
    }
}

void ScheduleSimulation::compare() {
    const std::string live = driver_.core().durable_digest();
    const std::string restored = driver_.restored_copy()->durable_digest();
    if (live != restored) {
        const auto differs = std::mismatch(live.begin(), live.end(), restored.begin(), restored.end());
        const auto at = static_cast<std::size_t>(differs.first - live.begin());
        const std::size_t from = at < 200 ? 0 : at - 200;
        findings_.add("restored state",
                      "live: ..." + live.substr(from, 400) + "\n    restored: ..." + restored.substr(from, 400));
    }
}

}  // namespace baton::simulation
