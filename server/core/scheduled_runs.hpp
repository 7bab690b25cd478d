#pragma once
// Which messages of a queue are the last runs of schedules, and which of these have left it. A queue without schedules
// pays a test for emptiness. One thread.

#include "server/core/ids.hpp"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace baton::core {

class ScheduledRuns {
public:
    void add(Offset offset, ScheduleId schedule) { runs_[offset] = {schedule, false}; }
    void forget(Offset offset) { runs_.erase(offset); }
    /// True while the message is in the queue.
    bool is_open(Offset offset) const {
        const auto run = runs_.find(offset);
        return run != runs_.end() && !run->second.left;
    }

    /// These messages left the plain lane. One that goes into another lane is marked by entered_lane() after this.
    void left_plain(Offset first, std::uint32_t count) {
        if (!runs_.empty()) {
            mark(first, count, true);
        }
    }
    void left_lane(Offset offset) { left_plain(offset, 1); }
    void entered_lane(Offset offset) {
        if (!runs_.empty()) {
            mark(offset, 1, false);
        }
    }
    /// Marks all but those for which `stays(offset)` holds.
    template <typename Stays>
    void purge(Stays&& stays) {
        for (auto& [offset, run] : runs_) {
            if (!stays(offset)) {
                mark(offset, 1, true);
            }
        }
    }

    /// Those that have left since the last call; they are forgotten.
    std::vector<std::pair<Offset, ScheduleId>> take_left() {
        std::vector<std::pair<Offset, ScheduleId>> left;
        for (const Offset offset : std::exchange(marked_, {})) {
            const auto run = runs_.find(offset);
            if (run != runs_.end() && run->second.left) {
                left.emplace_back(offset, run->second.schedule);
                runs_.erase(run);
            }
        }
        return left;
    }

private:
    struct Run {
        ScheduleId schedule{};
        bool left = false;
    };
    void mark(Offset first, std::uint64_t count, bool left) {
        for (auto run = runs_.lower_bound(first); run != runs_.end() && run->first - first < count; ++run) {
            run->second.left = left;
            if (left) {
                marked_.push_back(run->first);
            }
        }
    }

    std::map<Offset, Run> runs_;
    /// Marked as left since they were last taken; some may have come back into a lane.
    std::vector<Offset> marked_;
};

}  // namespace baton::core
