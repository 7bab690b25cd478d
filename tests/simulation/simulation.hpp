#pragma once
// One seeded run of the core under a virtual clock: clients that produce, consume, settle, vanish and come back;
// administration; commits and reads that take their time; crashes that lose what was not synced. Everything follows
// from the seed. At the end the weather clears, everything is drained, and what the checkers found is the result.

#include "tests/simulation/client.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/run_coverage.hpp"
#include "tests/simulation/scenario.hpp"
#include "tests/support/prng.hpp"
#include "tests/support/round_driver.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace baton::simulation {

struct RunOptions {
    std::uint64_t seed = 1;
    std::uint64_t events = 600;
    /// Print every request, effect and step.
    bool trace = false;
    /// Fold all outputs into Outcome::digest.
    bool digest = false;
    bool reply_before_sync = false;
    /// Where the rows of the state machine are counted; null = nobody counts.
    Coverage* coverage = nullptr;
};

struct Outcome {
    std::vector<Finding> findings;
    std::uint64_t digest = 0;
    std::uint64_t commits = 0, messages = 0, deliveries = 0, crashes = 0, reads = 0;
};

class Simulation {
public:
    explicit Simulation(RunOptions options);
    Outcome run();

private:
    // simulation.cpp: the loop, time, the disk.
    void step();
    void step_machine();
    void step_time();
    void crash();
    void deliver_effects();
    bool reads_leases() const;
    bool settle();
    void trace(const std::string& text) const;
    void trace_read(std::size_t read) const;

    // actions.cpp: what a client may do next.
    void act(SimClient& client);
    void act_produce(SimClient& client);
    void act_consume(SimClient& client);
    void act_settle(SimClient& client);
    /// Settles and produces together.
    void act_transact(SimClient& client);
    core::Produce random_produce(const std::string& queue);
    core::Settlement random_settlement(SimClient& client);
    void act_settle_stale(SimClient& client);
    core::SettleAction random_action();
    core::EntryOptions random_options();
    void add_names(core::EntryOptions& options);
    core::Fetch random_fetch(std::uint64_t consumer);
    std::string random_payload();

    // connections.cpp: connecting, losing, resuming.
    void connect(SimClient& client);
    void disconnect(SimClient& client);
    void resume(SimClient& client, bool resumed);
    void open_consumer(SimClient& client, std::uint64_t id, bool redeclared);
    void receive(SimClient& client, const core::Reply& reply);
    void receive(SimClient& client, const core::Deliver& frame);
    core::RequestId send(SimClient& client, core::RequestBody body, bool want_reply = true);

    // administration.cpp: queues made, changed, purged, deleted, looked at.
    void create_queues();
    /// Limits, penalties and groups; false when it is not their turn.
    bool administer_some(SimClient& client, const std::string& queue);
    void administer_groups(SimClient& client, const std::string& queue);
    void administer(SimClient& client);
    void create_again(SimClient& client, const std::string& queue, bool update);
    void redrive_dead(SimClient& client);
    core::ClearDedup random_clear(const std::string& queue, const std::vector<core::Offset>& known);
    core::Offset some_job(core::QueueId queue, const std::vector<core::Offset>& known);
    void edit_jobs(SimClient& client, const std::string& queue);
    core::ChangeJob random_change(const std::string& queue, core::Offset offset);

    // rest.cpp: the broker at rest: comparing, auditing, draining.
    void compare_restored();
    /// Nothing was applied since the last commit: the disk has all that is durable.
    void compare_with_disk();
    void audit();
    QueueAudit audit_queue(const core::QueueInfo& info);
    std::vector<QueueAudit::Listed> list(const std::string& queue, core::MessageState state);
    core::ReplyBody ask(core::RequestBody body);
    /// names_at_rest.cpp: the index of names fits the messages.
    void check_names();
    /// records_at_rest.cpp: counters, locators and leases fit the records.
    void check_records();
    void drain();
    void drain_once();

    RunOptions options_;
    tests::Prng prng_;
    Scenario scenario_;
    Findings findings_;
    Ledger ledger_;
    tests::RoundDriver driver_;
    RunCoverage coverage_;
    std::vector<SimClient> clients_;
    /// Asks the questions of rest.cpp; loses no connection but by a crash.
    SimClient observer_;
    std::vector<core::ReplyBody> observed_;
    std::vector<core::Deliver> observed_deliveries_;
    std::uint64_t next_connection_ = 1;
    std::uint64_t next_session_ = 1000;
    std::uint64_t next_number_ = 1;
    std::uint64_t crashes_ = 0;
    std::uint64_t reads_ = 0;
    bool calm_ = false;
};

}  // namespace baton::simulation
