#include "server/core/rate_limit.hpp"

#include "server/core/planted_bug.hpp"
#include "server/core/require.hpp"

#include <algorithm>

namespace baton::core {

std::uint64_t TokenBucket::level_at(const RateLimit& limit, TimeMs now) const {
    const std::uint64_t full = limit.capacity() * static_cast<std::uint64_t>(limit.per_ms);
    if (at == 0 || level >= full) {
        return full;
    }
    auto passed = static_cast<std::uint64_t>(std::max<DurationMs>(0, now - at));
    if (planted(PlantedBug::permits_come_twice_as_fast)) {
        passed *= 2;
    }
    // Compared before multiplying: after a long pause the product would not fit.
    return passed > (full - level) / limit.permits ? full : level + passed * limit.permits;
}

std::uint64_t TokenBucket::available(const RateLimit& limit, TimeMs now) const {
    return level_at(limit, now) / static_cast<std::uint64_t>(limit.per_ms);
}

TimeMs TokenBucket::next_permit(const RateLimit& limit, TimeMs now) const {
    const std::uint64_t have = level_at(limit, now);
    const auto one = static_cast<std::uint64_t>(limit.per_ms);
    return have >= one ? now : now + static_cast<DurationMs>((one - have + limit.permits - 1) / limit.permits);
}

void TokenBucket::take(const RateLimit& limit, std::uint64_t permits, TimeMs now) {
    const std::uint64_t have = level_at(limit, now);
    const std::uint64_t cost = permits * static_cast<std::uint64_t>(limit.per_ms);
    require(cost <= have, "no more permits are taken than there are");
    level = have - cost;
    at = now;
}

void TokenBucket::change(const RateLimit& before, const RateLimit& after, TimeMs now) {
    if (!after.any()) {
        *this = {};
    } else if (before.any() && at != 0) {
        level = std::min(available(before, now), after.capacity()) * static_cast<std::uint64_t>(after.per_ms);
        at = now;
    }
}

}  // namespace baton::core
