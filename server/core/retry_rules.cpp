#include "server/core/retry_rules.hpp"

#include "server/core/limits.hpp"
#include "server/core/message_record.hpp"
#include "server/core/planted_bug.hpp"
#include "server/core/queue_settings.hpp"
#include "server/core/request.hpp"

#include <algorithm>

namespace baton::core {

bool matches(std::string_view pattern, std::string_view error_class) {
    std::size_t at = 0, in = 0;
    std::size_t star = std::string_view::npos, tried = 0;
    while (in < error_class.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            tried = in;
        } else if (at < pattern.size() && pattern[at] == error_class[in]) {
            ++at;
            ++in;
        } else if (star != std::string_view::npos) {
            // The last star takes one byte more.
            at = star + 1;
            in = ++tried;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

const RetryRule* rule_for(const std::vector<RetryRule>& rules, std::string_view error_class) {
    const auto found = std::find_if(rules.begin(), rules.end(),
                                    [&](const RetryRule& rule) { return matches(rule.pattern, error_class); });
    return found == rules.end() ? nullptr : &*found;
}

std::optional<Refusal> check_rules(const std::vector<RetryRule>& rules) {
    if (rules.size() > limits::retry_rules_max) {
        return invalid("settings.retry_rules", "a queue has at most 64 retry rules", limits::retry_rules_max);
    }
    for (const RetryRule& rule : rules) {
        if (rule.pattern.empty() || rule.pattern.size() > limits::error_class_bytes_max) {
            return invalid("settings.retry_rules.pattern", "a pattern has 1 to 255 bytes",
                           limits::error_class_bytes_max);
        }
        if (rule.backoff && rule.action == RetryRule::Action::fail) {
            return invalid("settings.retry_rules.backoff", "what fails for good has no backoff");
        }
        if (rule.backoff) {
            if (auto fault = check_backoff(*rule.backoff, "settings.retry_rules.backoff")) {
                return fault;
            }
        }
    }
    return std::nullopt;
}

EndReason end_of(const QueueSettings& settings, const Fail& fail, const Counters& counters, const MessageMeta* meta) {
    const RetryRule* rule = rule_for(settings.retry_rules, fail.error_class);
    const bool by_rule =
        rule != nullptr && rule->action == RetryRule::Action::fail && !planted(PlantedBug::retry_rule_ignored);
    if (fail.terminal || by_rule) {
        return EndReason::rejected;
    }
    const std::uint32_t own = meta != nullptr ? meta->max_attempts : 0;
    const std::uint32_t most = own != 0 ? own : settings.max_attempts;
    if (counters.failures >= most + (planted(PlantedBug::attempts_cap_off_by_one) ? 1U : 0U)) {
        return EndReason::attempts_exhausted;
    }
    if (settings.max_deliveries != 0 && counters.deliveries >= settings.max_deliveries) {
        return EndReason::deliveries_exhausted;
    }
    return EndReason::none;
}

DurationMs retry_delay(const QueueSettings& settings, const Fail& fail, const MessageMeta* meta, QueueId queue,
                       Offset offset, std::uint32_t failures) {
    const RetryRule* rule = rule_for(settings.retry_rules, fail.error_class);
    const bool honoured =
        settings.retry_rules.empty() || (rule != nullptr && rule->action == RetryRule::Action::retry_after);
    if (fail.retry_after_ms && honoured) {
        return *fail.retry_after_ms;
    }
    const Backoff* backoff = meta != nullptr && meta->backoff ? meta->backoff.get() : &settings.backoff;
    if (rule != nullptr && rule->backoff) {
        backoff = &*rule->backoff;
    }
    return backoff_delay(*backoff, queue, offset, failures);
}

}  // namespace baton::core
