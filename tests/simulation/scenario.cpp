#include "tests/simulation/scenario.hpp"

namespace baton::simulation {

Scenario Scenario::of(tests::Prng& prng) {
    Scenario scenario;
    scenario.clients = 1 + prng.below32(4);
    const std::uint32_t queues = 1 + prng.below32(3);
    for (std::uint32_t i = 0; i < queues; ++i) {
        scenario.queues.push_back("queue-" + std::to_string(i));
    }
    scenario.queues.emplace_back("dead");
    scenario.bulk = prng.chance(60);
    scenario.heavy = prng.chance(60);
    scenario.limited = !scenario.bulk && prng.chance(300);
    scenario.grouped = prng.chance(350);
    scenario.named = prng.chance(350);
    const std::vector<std::size_t> windows = {2'000, 20'000, core::limits::window_bytes_total_max};
    scenario.profile = prng.chance(600) ? core::Profile::job : core::Profile::message;
    scenario.core.window_bytes_max = prng.pick(windows);
    const std::vector<std::int64_t> graces = {0, 50, 1'000, 5'000};
    scenario.core.restart_grace_ms = prng.pick(graces);
    scenario.crashes = prng.chance(300) ? 0 : 10 + prng.below32(80);
    scenario.disconnects = prng.chance(250) ? 0 : 20 + prng.below32(200);
    scenario.admins = prng.chance(300) ? 20 : 100 + prng.below32(500);
    scenario.edits = prng.chance(600) ? 0 : 500 + prng.below32(1'000);
    return scenario;
}

namespace {

core::Backoff random_backoff(tests::Prng& prng) {
    core::Backoff backoff;
    backoff.kind = static_cast<core::Backoff::Kind>(1 + prng.below(4));
    backoff.base_ms = prng.chance(200) ? 0 : prng.between(1, 2'000);
    backoff.cap_ms = prng.between(500, 20'000);
    backoff.jitter_permille = prng.chance(500) ? 0 : prng.below32(1001);
    if (backoff.kind == core::Backoff::Kind::list) {
        for (std::uint64_t i = 1 + prng.below(3); i != 0; --i) {
            backoff.list_ms.push_back(prng.between(0, 5'000));
        }
    }
    return backoff;
}

std::vector<core::RetryRule> random_rules(tests::Prng& prng) {
    std::vector<core::RetryRule> rules;
    const std::vector<std::string> patterns = {"net.*", "http.4*", "http.429", "*.out", "never"};
    for (std::uint64_t i = prng.below(4); i != 0; --i) {
        core::RetryRule& rule = rules.emplace_back();
        rule.pattern = prng.pick(patterns);
        rule.action = static_cast<core::RetryRule::Action>(1 + prng.below(3));
        if (rule.action != core::RetryRule::Action::fail && prng.chance(400)) {
            rule.backoff = random_backoff(prng);
        }
    }
    return rules;
}

void add_limits(tests::Prng& prng, core::QueueSettingsChange& settings) {
    settings.rate_limit = core::RateLimit{};
    if (prng.chance(400)) {
        settings.rate_limit = core::RateLimit{1 + prng.below(20), prng.between(1, 2'000), prng.below(30)};
    }
    settings.max_in_flight = prng.chance(400) ? 1 + prng.below32(12) : 0;
    if (prng.chance(150)) {
        settings.pause_for_ms = prng.between(0, 5'000);
    }
}

void add_group_rules(tests::Prng& prng, core::QueueSettingsChange& settings) {
    settings.group_order = prng.chance(300) ? core::GroupOrder::strict : core::GroupOrder::none;
    settings.group_max_in_flight = prng.chance(200) ? 1 + prng.below32(4) : 0;
    settings.group_rate = core::RateLimit{};
    if (prng.chance(150)) {
        settings.group_rate = core::RateLimit{1 + prng.below(20), prng.between(1, 2'000), prng.below(30)};
    }
}

}  // namespace

core::EntryOptions random_retry_options(tests::Prng& prng) {
    core::EntryOptions options;
    if (prng.chance(150)) {
        options.max_attempts = 1 + prng.below32(5);
    }
    if (prng.chance(150)) {
        options.backoff = random_backoff(prng);
    }
    if (prng.chance(80)) {
        options.run_limit_ms = prng.between(300, 10'000);
    }
    return options;
}

core::QueueSettingsChange random_settings(tests::Prng& prng, const Scenario& scenario, bool is_target) {
    core::QueueSettingsChange settings;
    settings.lease_ms = prng.between(1'000, prng.chance(500) ? 3'000 : 60'000);
    settings.max_attempts = 1 + prng.below32(4);
    settings.backoff = random_backoff(prng);
    settings.retry_rules = prng.chance(400) ? random_rules(prng) : std::vector<core::RetryRule>{};
    settings.run_limit_ms = prng.chance(150) ? prng.between(300, 20'000) : 0;
    settings.max_lease_losses = prng.below32(4);
    settings.max_deliveries = prng.chance(200) ? 1 + prng.below32(4) : 0;
    if (!is_target && prng.chance(400)) {
        settings.dead_letter_queue = "dead";
    }
    if (prng.chance(200)) {
        settings.max_messages = scenario.bulk ? 2'000 + prng.below(4'000) : 5 + prng.below(40);
        settings.overflow = static_cast<core::Overflow>(1 + prng.below(4));
        if (settings.overflow == core::Overflow::dead_letter_oldest && !settings.dead_letter_queue) {
            settings.overflow = core::Overflow::drop_oldest;
        }
        settings.block_timeout_ms = prng.between(1, 5'000);
    }
    settings.failed_retention = {0, 0, 0};  // Nothing leaves unseen: the runs about jobs that end have retention.
    if (prng.chance(100)) {
        settings.max_message_bytes = 100 + prng.below(400);
    }
    if (prng.chance(120)) {
        settings.message_ttl_ms = prng.between(1, 20'000);
    }
    if (scenario.limited) {
        add_limits(prng, settings);
    }
    if (scenario.grouped) {
        add_group_rules(prng, settings);
    }
    if (prng.chance(100)) {
        settings.aging_ms = prng.chance(300) ? 0 : prng.between(1, 3'000);
    }
    if (scenario.named && prng.chance(250)) {
        settings.id_memory_ms = prng.chance(500) ? 0 : prng.between(1, 5'000);
        settings.id_memory_count = prng.below(5);
    }
    settings.durability = prng.chance(250) ? core::Durability::os : core::Durability::sync;
    return settings;
}

}  // namespace baton::simulation
