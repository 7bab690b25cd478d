#include "client/retry_convert.hpp"

#include "client/wire_time.hpp"

namespace baton::detail {

Backoff from_proto(const v1::Backoff& backoff) {
    Backoff out;
    out.kind = static_cast<Backoff::Kind>(backoff.kind());
    out.base = ms(backoff.base_ms());
    out.cap = ms(backoff.cap_ms());
    out.jitter_permille = backoff.jitter_permille();
    for (const std::uint64_t step : backoff.list_ms()) {
        out.list.push_back(ms(step));
    }
    return out;
}

void to_proto(const Backoff& in, v1::Backoff& out) {
    out.set_kind(static_cast<v1::Backoff::Kind>(in.kind));
    out.set_base_ms(count_of(in.base));
    out.set_cap_ms(count_of(in.cap));
    out.set_jitter_permille(in.jitter_permille);
    for (const std::chrono::milliseconds step : in.list) {
        out.add_list_ms(count_of(step));
    }
}

std::vector<RetryRule> from_proto(const v1::RetryRules& rules) {
    std::vector<RetryRule> out;
    for (const v1::RetryRule& rule : rules.rules()) {
        RetryRule& to = out.emplace_back();
        to.pattern = rule.pattern();
        to.action = static_cast<RetryRule::Action>(rule.action());
        if (rule.has_backoff()) {
            to.backoff = from_proto(rule.backoff());
        }
    }
    return out;
}

void to_proto(const std::vector<RetryRule>& in, v1::RetryRules& out) {
    for (const RetryRule& rule : in) {
        v1::RetryRule& to = *out.add_rules();
        to.set_pattern(rule.pattern);
        to.set_action(static_cast<v1::RetryRule::Action>(rule.action));
        if (rule.backoff) {
            to_proto(*rule.backoff, *to.mutable_backoff());
        }
    }
}

}  // namespace baton::detail
