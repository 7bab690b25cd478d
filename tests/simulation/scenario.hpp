#pragma once
// What kind of run a seed is: how many clients and queues, how rough the weather, and the settings of the queues.

#include "server/core/core.hpp"
#include "tests/support/prng.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace baton::simulation {

struct Scenario {
    std::uint32_t clients = 2;
    std::vector<std::string> queues;
    core::CoreOptions core;
    core::Profile profile = core::Profile::message;
    /// Large batches of small messages, so that chunks, pages and windows fill and turn over.
    bool bulk = false;
    /// Some messages near the size of a chunk.
    bool heavy = false;
    /// Queues with rates, caps on what is in flight, pauses that end, and penalties.
    bool limited = false;
    /// Messages of groups, with rules for them.
    bool grouped = false;
    /// Messages with ids and deduplication keys of a few.
    bool named = false;
    /// Per 10,000 steps.
    std::uint32_t crashes = 0, disconnects = 0, admins = 0, edits = 0;
    std::uint32_t unsynced_survivors = 0;

    static Scenario of(tests::Prng& prng);
};

/// Settings for a queue of a run; `dead` names the queue that may be a dead-letter target.
core::QueueSettingsChange random_settings(tests::Prng& prng, const Scenario& scenario, bool is_target);

/// Attempts and backoff of a message's own, or none.
core::EntryOptions random_retry_options(tests::Prng& prng);

}  // namespace baton::simulation
