#include "server/session/encode/encode.hpp"

#include <baton/v1/queue.pb.h>

namespace baton::session {

void fill(const core::Backoff& from, v1::Backoff& to) {
    to.set_kind(static_cast<v1::Backoff::Kind>(from.kind));
    to.set_base_ms(static_cast<std::uint64_t>(from.base_ms));
    to.set_cap_ms(static_cast<std::uint64_t>(from.cap_ms));
    to.set_jitter_permille(from.jitter_permille);
    for (const std::int64_t step : from.list_ms) {
        to.add_list_ms(static_cast<std::uint64_t>(step));
    }
}

void fill_retry_rules(const core::QueueSettings& from, v1::QueueSettings& to) {
    v1::RetryRules& rules = *to.mutable_retry_rules();
    for (const core::RetryRule& rule : from.retry_rules) {
        v1::RetryRule& added = *rules.add_rules();
        added.set_pattern(rule.pattern);
        added.set_action(static_cast<v1::RetryRule::Action>(rule.action));
        if (rule.backoff) {
            fill(*rule.backoff, *added.mutable_backoff());
        }
    }
}

}  // namespace baton::session
