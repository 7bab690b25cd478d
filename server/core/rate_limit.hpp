#pragma once
// A token bucket in whole numbers, so that the time of the next permit is exact and the same on every machine. Limit
// and state are apart: the limit is a setting, the state goes to disk. Plain values; owned by the queue they limit.

#include "server/core/ids.hpp"

#include <cstdint>

namespace baton::core {

/// So many permits in each interval, and at most `burst` saved up.
struct RateLimit {
    /// 0 = no limit.
    std::uint64_t permits = 0;
    DurationMs per_ms = 0;
    /// 0 = as many as `permits`.
    std::uint64_t burst = 0;

    bool any() const { return permits != 0; }
    std::uint64_t capacity() const { return burst != 0 ? burst : permits; }
    bool operator==(const RateLimit&) const = default;
};

/// Counts in parts of a permit: a permit has `per_ms` of them, and each millisecond brings `permits`.
struct TokenBucket {
    std::uint64_t level = 0;
    /// When `level` was right; 0 = never used, and full.
    TimeMs at = 0;

    /// Whole permits at `now`.
    std::uint64_t available(const RateLimit& limit, TimeMs now) const;
    /// When one permit is there; `now` when there is one already.
    TimeMs next_permit(const RateLimit& limit, TimeMs now) const;
    /// Takes permits that are available.
    void take(const RateLimit& limit, std::uint64_t permits, TimeMs now);
    /// The limit changes: whole permits are kept, up to what may be saved under the new one.
    void change(const RateLimit& before, const RateLimit& after, TimeMs now);
    bool operator==(const TokenBucket&) const = default;

private:
    std::uint64_t level_at(const RateLimit& limit, TimeMs now) const;
};

}  // namespace baton::core
