#pragma once
// A token bucket in whole numbers: how many jobs a worker may begin, and exactly when it may begin one more. Time comes
// in as an argument. Not thread-safe; the JobGate's lock guards it.

#include "baton/limits.hpp"
#include "client/request_table.hpp"

#include <cstdint>

namespace baton::detail {

class PermitBucket {
public:
    /// Full at first. A limit of 0 permits is none. Throws invalid_argument when it is out of bounds.
    PermitBucket(const RateLimit& limit, TimePoint now);

    /// Whole permits at `now`.
    std::uint64_t available(TimePoint now) const;
    /// When there will be one more than at `now`; TimePoint::max() when it is full.
    TimePoint next(TimePoint now) const;
    /// Takes one; false when there is none.
    bool take(TimePoint now);

private:
    std::uint64_t level_at(std::uint64_t now_us) const;

    // Counts in parts of a permit: a permit has `parts_` of them, and each microsecond brings `permits_`.
    std::uint64_t permits_;
    std::uint64_t parts_;
    std::uint64_t full_;
    std::uint64_t level_;
    /// When `level_` was right.
    std::uint64_t at_us_;
};

}  // namespace baton::detail
