#include "client/permit_bucket.hpp"

#include "baton/error.hpp"

#include <algorithm>
#include <limits>

namespace baton::detail {

namespace {

constexpr std::uint64_t permits_max = 1'000'000;
constexpr std::chrono::hours rate_per_max{31 * 24};

std::uint64_t microseconds_of(TimePoint time) {
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count());
}

void check_rate(const RateLimit& limit) {
    using std::chrono::milliseconds;
    if (limit.permits > permits_max || limit.burst > permits_max) {
        throw Exception({ErrorCode::invalid_argument, "at most 1,000,000 permits", false,
                         limit.permits > permits_max ? "rate_limit.permits" : "rate_limit.burst", permits_max});
    }
    if (limit.permits != 0 && (limit.per < milliseconds{1} || limit.per > rate_per_max)) {
        throw Exception({ErrorCode::invalid_argument, "from 1 ms to 31 days", false, "rate_limit.per",
                         static_cast<std::uint64_t>(milliseconds{rate_per_max}.count())});
    }
}

}  // namespace

PermitBucket::PermitBucket(const RateLimit& limit, TimePoint now) : permits_(limit.permits) {
    check_rate(limit);
    parts_ = static_cast<std::uint64_t>(std::chrono::microseconds{limit.per}.count());
    full_ = (limit.burst != 0 ? limit.burst : limit.permits) * parts_;
    level_ = full_;
    at_us_ = microseconds_of(now);
}

std::uint64_t PermitBucket::level_at(std::uint64_t now_us) const {
    const std::uint64_t missing = full_ - level_;
    const std::uint64_t elapsed = now_us > at_us_ ? now_us - at_us_ : 0;
    return elapsed > missing / permits_ ? full_ : level_ + elapsed * permits_;
}

std::uint64_t PermitBucket::available(TimePoint now) const {
    if (permits_ == 0) {
        return std::numeric_limits<std::uint64_t>::max();
    }
    return level_at(microseconds_of(now)) / parts_;
}

TimePoint PermitBucket::next(TimePoint now) const {
    if (permits_ == 0) {
        return TimePoint::max();
    }
    const std::uint64_t now_us = microseconds_of(now);
    const std::uint64_t level = level_at(now_us);
    if (level == full_) {
        return TimePoint::max();
    }
    const std::uint64_t missing = parts_ - level % parts_;
    const std::uint64_t at_us = now_us + (missing + permits_ - 1) / permits_;
    return TimePoint(std::chrono::microseconds(at_us));
}

bool PermitBucket::take(TimePoint now) {
    if (permits_ == 0) {
        return true;
    }
    const std::uint64_t now_us = microseconds_of(now);
    const std::uint64_t level = level_at(now_us);
    if (level < parts_) {
        return false;
    }
    level_ = level - parts_;
    at_us_ = std::max(at_us_, now_us);
    return true;
}

}  // namespace baton::detail
