// What a failure may lead to, worked out from the settings and the message's options alone.

#include "tests/simulation/ledger.hpp"

#include <algorithm>

namespace baton::simulation {

using namespace core;

namespace {

/// The earliest end of a wait by this backoff, whatever the number of the failure.
DurationMs least_backoff(const Backoff& backoff) {
    DurationMs least = backoff.base_ms;
    if (backoff.kind == Backoff::Kind::list) {
        least = *std::min_element(backoff.list_ms.begin(), backoff.list_ms.end());
    }
    least = std::min(least, backoff.cap_ms);
    return least - least * backoff.jitter_permille / 1000 - 1;
}

bool describes(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) {
        return text.empty();
    }
    if (pattern.front() == '*') {
        return describes(pattern.substr(1), text) || (!text.empty() && describes(pattern, text.substr(1)));
    }
    return !text.empty() && pattern.front() == text.front() && describes(pattern.substr(1), text.substr(1));
}

const RetryRule* rule_of(const QueueSettings& settings, const Fail& fail) {
    for (const RetryRule& rule : settings.retry_rules) {
        if (describes(rule.pattern, fail.error_class)) {
            return &rule;
        }
    }
    return nullptr;
}

}  // namespace

DurationMs least_retry_wait(const QueueSettings& settings, const MessageFacts& facts, const Fail& fail) {
    const RetryRule* rule = rule_of(settings, fail);
    const bool honoured =
        settings.retry_rules.empty() || (rule != nullptr && rule->action == RetryRule::Action::retry_after);
    if (honoured && fail.retry_after_ms) {
        return *fail.retry_after_ms;
    }
    if (rule != nullptr && rule->backoff) {
        return least_backoff(*rule->backoff);
    }
    const DurationMs by_queue = least_backoff(settings.backoff);
    if (!facts.own_backoff) {
        return by_queue;
    }
    // In a dead-letter queue its own options do not hold.
    const DurationMs own = least_backoff(*facts.own_backoff);
    return facts.moved ? std::min(own, by_queue) : own;
}

Presence spent_by(const QueueSettings& settings, const MessageFacts& facts, const Fail& fail) {
    const RetryRule* rule = rule_of(settings, fail);
    if (fail.terminal || (rule != nullptr && rule->action == RetryRule::Action::fail)) {
        return Presence::yes;
    }
    const auto spent = [&](std::uint32_t most) { return facts.told.failures + 1 >= most; };
    const bool by_queue = spent(settings.max_attempts);
    const bool own = facts.own_attempts == 0 ? by_queue : spent(facts.own_attempts);
    if (facts.moved && own != by_queue) {
        return Presence::maybe;
    }
    return own ? Presence::yes : Presence::no;
}

void Ledger::may_run_out(MessageFacts& facts, LeaseFacts& lease, const QueueFacts* in, TimeMs decided_at) {
    const bool sure = in != nullptr && !in->settings_open() && !facts.moved;
    const DurationMs limit = facts.own_run_limit != 0 ? facts.own_run_limit
                             : in != nullptr          ? in->settings.run_limit_ms
                                                      : 0;
    if (sure && limit == 0) {
        return;
    }
    lease.runs_from = sure ? decided_at + limit : decided_at + 1;
    lease.runs_by = sure ? decided_at + limit : never;
    lease.ends_from = std::min(lease.ends_from, lease.runs_from);
    lease.ends_by = std::min(lease.ends_by, lease.runs_by);
    facts.comeback.failed = lease.runs_from;
    facts.failed = Presence::maybe;
    if (in != nullptr) {
        facts.may_move_to.insert(in->dead_letter_ids.begin(), in->dead_letter_ids.end());
    }
}

}  // namespace baton::simulation
