#include "storage/retry_codec.hpp"

#include <utility>

namespace baton::storage {

void to_proto(const core::Backoff& backoff, store::v1::Backoff& out) {
    out.set_kind(static_cast<std::uint32_t>(backoff.kind));
    out.set_base_ms(backoff.base_ms);
    out.set_cap_ms(backoff.cap_ms);
    out.set_jitter_permille(backoff.jitter_permille);
    out.mutable_list_ms()->Add(backoff.list_ms.begin(), backoff.list_ms.end());
}

core::Backoff from_proto(const store::v1::Backoff& stored) {
    core::Backoff backoff;
    backoff.kind = static_cast<core::Backoff::Kind>(stored.kind());
    backoff.base_ms = stored.base_ms();
    backoff.cap_ms = stored.cap_ms();
    backoff.jitter_permille = stored.jitter_permille();
    backoff.list_ms.assign(stored.list_ms().begin(), stored.list_ms().end());
    return backoff;
}

void rules_to_proto(const core::QueueSettings& settings, store::v1::QueueSettings& out) {
    for (const core::RetryRule& rule : settings.retry_rules) {
        store::v1::RetryRule& to = *out.add_retry_rules();
        to.set_pattern(rule.pattern);
        to.set_action(static_cast<std::uint32_t>(rule.action));
        if (rule.backoff) {
            to_proto(*rule.backoff, *to.mutable_backoff());
        }
    }
}

void rules_from_proto(const store::v1::QueueSettings& stored, core::QueueSettings& out) {
    for (const store::v1::RetryRule& rule : stored.retry_rules()) {
        core::RetryRule& to = out.retry_rules.emplace_back();
        to.pattern = rule.pattern();
        to.action = static_cast<core::RetryRule::Action>(rule.action());
        if (rule.has_backoff()) {
            to.backoff = from_proto(rule.backoff());
        }
    }
}

}  // namespace baton::storage
