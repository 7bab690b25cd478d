#include "server/core/lease_table.hpp"

#include "server/core/planted_bug.hpp"
#include "server/core/require.hpp"

#include <algorithm>

namespace baton::core {

namespace {

/// Calls `each(word, mask)` for the words that the bits [begin, begin + count) touch.
template <typename Each>
bool every_word(std::uint32_t begin, std::uint32_t count, Each&& each) {
    const std::uint32_t end = begin + count;
    for (std::uint32_t word = begin / 64; word * 64 < end; ++word) {
        const std::uint32_t from = std::max(begin, word * 64) - word * 64;
        const std::uint32_t to = std::min(end - word * 64, 64U);
        const std::uint64_t upper = to == 64 ? ~0ULL : (1ULL << to) - 1;
        if (!each(word, upper & ~((1ULL << from) - 1))) {
            return false;
        }
    }
    return true;
}

}  // namespace

void set_bits(std::vector<std::uint64_t>& words, std::uint32_t begin, std::uint32_t count) {
    every_word(begin, count, [&](std::uint32_t word, std::uint64_t mask) {
        words[word] |= mask;
        return true;
    });
}

bool none_set(const std::vector<std::uint64_t>& words, std::uint32_t begin, std::uint32_t count) {
    return every_word(begin, count, [&](std::uint32_t word, std::uint64_t mask) { return (words[word] & mask) == 0; });
}

const LeasedRun* LeaseBatch::run_of(Offset offset) const {
    // Runs are in delivery order, which is not always offset order; a batch has few of them.
    if (runs.size() == 1) {
        const LeasedRun& run = runs.front();
        return offset >= run.first && offset - run.first < run.count ? &run : nullptr;
    }
    for (const LeasedRun& run : runs) {
        if (offset >= run.first && offset - run.first < run.count) {
            return &run;
        }
    }
    return nullptr;
}

TimeMs LeaseBatch::deadline_of(std::uint32_t position) const {
    const auto detail = details.find(position);
    const bool own = detail != details.end() && detail->second.deadline != 0;
    const TimeMs until = own ? detail->second.deadline : deadline;
    const TimeMs end = ends_of(position);
    return end != 0 ? std::min(until, end) : until;
}

TimeMs LeaseBatch::ends_of(std::uint32_t position) const {
    const bool forgotten = planted(PlantedBug::run_limit_forgotten);
    const auto detail = details.find(position);
    if (detail != details.end() && detail->second.ends_at != 0 && (detail->second.cancelled || !forgotten)) {
        return detail->second.ends_at;
    }
    return forgotten ? 0 : ends_at;
}

bool LeaseBatch::is_cancelled(std::uint32_t position) const {
    const auto detail = details.find(position);
    return detail != details.end() && detail->second.cancelled;
}

TimeMs LeaseBatch::earliest_deadline() const {
    const bool ends = ends_at != 0 && !planted(PlantedBug::run_limit_forgotten);
    const TimeMs earliest = ends ? std::min(deadline, ends_at) : deadline;
    std::uint32_t own = 0;
    TimeMs earliest_own = 0;
    for (const auto& [position, detail] : details) {
        if (!is_settled(position) && (detail.deadline != 0 || detail.ends_at != 0)) {
            earliest_own = own == 0 ? deadline_of(position) : std::min(earliest_own, deadline_of(position));
            ++own;
        }
    }
    if (own == 0) {
        return earliest;
    }
    return own == open ? earliest_own : std::min(earliest, earliest_own);
}

LeaseBatch& LeaseTable::add(LeaseBatch&& batch) {
    auto owned = std::make_unique<LeaseBatch>(std::move(batch));
    LeaseBatch& added = *owned;
    std::uint32_t position = 0;
    for (LeasedRun& run : added.runs) {
        run.position = position;
        position += run.count;
    }
    added.size = added.open = position;
    added.settled.assign((position + 63) / 64, 0);
    added.started.assign((position + 63) / 64, 0);
    added.filed_deadline = added.earliest_deadline();
    deadlines_.emplace(added.filed_deadline, added.number);
    const bool fresh = batches_.emplace(added.number, std::move(owned)).second;
    require(fresh, "a batch number is used once");
    return added;
}

LeaseBatch* LeaseTable::find(BatchNumber number) {
    const auto found = batches_.find(number);
    return found == batches_.end() ? nullptr : found->second.get();
}

LeaseBatch* LeaseTable::holder_of(Offset offset) {
    for (const auto& [number, batch] : batches_) {
        const LeasedRun* run = batch->run_of(offset);
        if (run != nullptr && !batch->is_settled(batch->position_of(*run, offset))) {
            return batch.get();
        }
    }
    return nullptr;
}

void LeaseTable::refile(LeaseBatch& batch) {
    const TimeMs earliest = batch.earliest_deadline();
    if (earliest != batch.filed_deadline) {
        deadlines_.erase({batch.filed_deadline, batch.number});
        batch.filed_deadline = earliest;
        deadlines_.emplace(earliest, batch.number);
    }
}

void LeaseTable::hold_back(LeaseBatch& batch) {
    deadlines_.erase({batch.filed_deadline, batch.number});
    batch.filed_deadline = INT64_MAX;
    deadlines_.emplace(batch.filed_deadline, batch.number);
}

void LeaseTable::erase(BatchNumber number) {
    const auto found = batches_.find(number);
    require(found != batches_.end(), "an erased batch exists");
    deadlines_.erase({found->second->filed_deadline, number});
    batches_.erase(found);
}

LeaseBatch* LeaseTable::earliest() { return deadlines_.empty() ? nullptr : find(deadlines_.begin()->second); }

void LeaseTable::clear() {
    batches_.clear();
    deadlines_.clear();
}

}  // namespace baton::core
