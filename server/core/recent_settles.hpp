#pragma once
// The last settlements of a queue, so that one repeated after a lost reply is answered `already`. Bounded; nothing is
// allocated before the first. Owned by one queue.

#include "server/core/ids.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace baton::core {

class RecentSettles {
public:
    static constexpr std::size_t settles_max = 1'024;

    /// [first, first + count) was settled with tokens of this batch. The oldest is forgotten when there are too many.
    void add(BatchNumber batch, Offset first, std::uint32_t count) {
        if (settles_.size() < settles_max) {
            settles_.push_back({batch, first, count});
            return;
        }
        settles_[oldest_] = {batch, first, count};
        oldest_ = (oldest_ + 1) % settles_max;
    }
    bool contains(BatchNumber batch, Offset offset) const {
        return std::any_of(settles_.begin(), settles_.end(), [&](const Settle& one) {
            return one.batch == batch && offset >= one.first && offset < one.first + one.count;
        });
    }
    void clear() {
        settles_.clear();
        oldest_ = 0;
    }

private:
    struct Settle {
        BatchNumber batch = 0;
        Offset first = 0;
        std::uint32_t count = 0;
    };
    std::vector<Settle> settles_;
    std::size_t oldest_ = 0;
};

}  // namespace baton::core
