#include "tests/simulation/simulation.hpp"

#include "tests/support/printing.hpp"

#include <cstdio>
#include <variant>

namespace baton::simulation {

using namespace core;

namespace {

tests::RoundDriver::Options driver_options(const Scenario& scenario, const RunOptions& options) {
    tests::RoundDriver::Options driver;
    driver.core = scenario.core;
    driver.release_before_commit = options.reply_before_sync;
    return driver;
}

}  // namespace

Simulation::Simulation(RunOptions options)
    : options_(options),
      prng_(options.seed),
      scenario_(Scenario::of(prng_)),
      ledger_(findings_),
      driver_(driver_options(scenario_, options)),
      coverage_(options.coverage, driver_, options.trace) {
    ledger_.restart_grace_ms = scenario_.core.restart_grace_ms;
    ledger_.many_due_at_once = scenario_.bulk;
    if (options_.digest) {
        driver_.keep_digest();
    }
    for (std::uint32_t i = 0; i < scenario_.clients; ++i) {
        clients_.emplace_back().number = i + 1;
    }
}

void Simulation::trace(const std::string& text) const {
    if (options_.trace) {
        std::printf("%lld  %s\n", static_cast<long long>(driver_.now()), text.c_str());
    }
}

void Simulation::trace_read(std::size_t read) const {
    if (options_.trace) {
        trace("answered: " + tests::to_text(driver_.read(read)));
    }
}

Outcome Simulation::run() {
    create_queues();
    for (std::uint64_t i = 0; i < options_.events && findings_.none(); ++i) {
        step();
        if (i % 250 == 249 && findings_.none()) {
            calm_ = true;
            compare_restored();
            audit();
            calm_ = false;
        }
    }
    if (findings_.none()) {
        drain();
    }
    Outcome outcome;
    outcome.findings = findings_.all();
    outcome.digest = driver_.digest();
    outcome.commits = driver_.store().commits();
    outcome.messages = ledger_.messages().size();
    outcome.deliveries = ledger_.deliveries();
    outcome.crashes = crashes_;
    outcome.reads = reads_;
    return outcome;
}

void Simulation::step() {
    if (prng_.below(10'000) < scenario_.crashes) {
        crash();
        return;
    }
    switch (prng_.weighted({50, 35, 15})) {
        case 0:
            act(clients_[prng_.below(clients_.size())]);
            break;
        case 1:
            step_machine();
            break;
        default:
            step_time();
            break;
    }
}

void Simulation::step_machine() {
    if (driver_.reads() != 0 && prng_.chance(500)) {
        const std::size_t read = prng_.below(driver_.reads());
        // A reader may have seen the disk long before its answer is taken in.
        if (prng_.chance(300)) {
            driver_.fetch_read(read);
        } else {
            trace_read(read);
            reads_ += 1;
            driver_.answer_read(read);
        }
        return;
    }
    if (driver_.commit_in_flight()) {
        if (prng_.chance(700)) {
            driver_.finish_commit();
            trace("committed");
            deliver_effects();
            if (!driver_.wants_round()) {
                compare_with_disk();
            }
        }
    } else if (driver_.wants_round()) {
        driver_.tick();
        driver_.seal();
        trace("sealed");
        if (options_.reply_before_sync) {
            deliver_effects();
        }
    }
}

void Simulation::step_time() {
    const auto deadline = driver_.core().next_deadline();
    const bool soon = deadline && *deadline < driver_.now() + 100'000;
    switch (prng_.weighted({60, 20, 10, 9, 1})) {
        case 0:
            driver_.advance(prng_.between(0, 5));
            break;
        case 1:
            if (soon) {
                driver_.advance_to(*deadline);
            }
            break;
        case 2:
            if (soon && *deadline > driver_.now()) {
                driver_.advance_to(*deadline - 1);
            }
            break;
        case 3:
            driver_.advance(prng_.between(0, 2'000));
            break;
        default:
            driver_.advance(prng_.between(0, 60'000));
            break;
    }
}

void Simulation::deliver_effects() {
    const std::vector<tests::Released> released = driver_.take_released();
    if (options_.trace) {
        for (const tests::Released& one : released) {
            trace("  <- " + tests::to_text(one.effect));
        }
    }
    ledger_.left(released, driver_.last_durable());
    coverage_.left(released);
    const auto to_client = [&](ConnectionId connection) -> SimClient* {
        for (SimClient& client : clients_) {
            if (client.connected && client.connection == connection) {
                return &client;
            }
        }
        return observer_.connected && observer_.connection == connection ? &observer_ : nullptr;
    };
    for (const tests::Released& one : released) {
        if (const auto* reply = std::get_if<Reply>(&one.effect)) {
            if (SimClient* client = to_client(reply->connection)) {
                receive(*client, *reply);
            }
        } else if (const auto* frame = std::get_if<Deliver>(&one.effect)) {
            if (SimClient* client = to_client(frame->connection)) {
                receive(*client, *frame);
            }
        } else if (const auto* closed = std::get_if<ConsumerClosed>(&one.effect)) {
            if (SimClient* client = to_client(closed->connection)) {
                client->consumers.erase(value(closed->consumer));
            }
        }
    }
    if (!reads_leases()) {
        ledger_.leases_known(driver_.now());
    }
}

/// Leases of before a restart, one record a read.
bool Simulation::reads_leases() const {
    for (std::size_t i = 0; i < driver_.reads(); ++i) {
        const auto* lane = std::get_if<ReadLane>(&driver_.read(i).what);
        if (lane != nullptr && lane->max_records == 1) {
            return true;
        }
    }
    return false;
}

void Simulation::crash() {
    crashes_ += 1;
    const auto survivors = static_cast<std::size_t>(prng_.below(3));
    const auto crashed = driver_.crash(survivors, prng_.chance(500));
    trace("crashed; the last commit that survived is " + std::to_string(crashed.last_commit));
    ledger_.crashed(crashed.last_commit, driver_.now());
    coverage_.crashed(crashed.last_commit);
    // A planted early reply may still be on its way; a real broker has none.
    driver_.take_released();
    for (SimClient& client : clients_) {
        if (client.connected) {
            client.connected = client.ready = false;
        }
        for (const HeldMessage& held : client.held) {
            client.stale.push_back(held);
        }
    }
    observer_.connected = observer_.ready = false;
    connect(observer_);
}

bool Simulation::settle() {
    for (int i = 0; i < 5'000; ++i) {
        if (driver_.commit_in_flight()) {
            driver_.finish_commit();
            deliver_effects();
        }
        while (driver_.reads() != 0) {
            reads_ += 1;
            trace_read(0);
            driver_.answer_read(0);
        }
        if (!driver_.wants_round()) {
            return true;
        }
        driver_.tick();
        driver_.seal();
    }
    findings_.add("rest", "the broker does not come to rest");
    return false;
}

}  // namespace baton::simulation
