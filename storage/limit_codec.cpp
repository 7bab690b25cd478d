#include "storage/limit_codec.hpp"

namespace baton::storage {

void limits_to_proto(const core::QueueSettings& settings, store::v1::QueueSettings& out) {
    if (settings.rate_limit.any()) {
        store::v1::RateLimit& rate = *out.mutable_rate_limit();
        rate.set_permits(settings.rate_limit.permits);
        rate.set_per_ms(settings.rate_limit.per_ms);
        rate.set_burst(settings.rate_limit.burst);
    }
    out.set_max_in_flight(settings.max_in_flight);
    out.set_paused_until_ms(settings.paused_until);
    out.set_block_timeout_ms(settings.block_timeout_ms);
}

void limits_from_proto(const store::v1::QueueSettings& stored, core::QueueSettings& out) {
    const store::v1::RateLimit& rate = stored.rate_limit();
    out.rate_limit = {rate.permits(), rate.per_ms(), rate.burst()};
    out.max_in_flight = stored.max_in_flight();
    out.paused_until = stored.paused_until_ms();
    if (stored.block_timeout_ms() != 0) {
        out.block_timeout_ms = stored.block_timeout_ms();
    }
}

void limiter_to_proto(const core::PutQueueState& record, store::v1::QueueState& out) {
    out.set_bucket_level(record.bucket.level);
    out.set_bucket_ms(record.bucket.at);
    out.set_penalty_until_ms(record.penalty_until);
}

void limiter_from_proto(const store::v1::QueueState& stored, core::PutQueueState& out) {
    out.bucket.level = stored.bucket_level();
    out.bucket.at = stored.bucket_ms();
    out.penalty_until = stored.penalty_until_ms();
}

}  // namespace baton::storage
