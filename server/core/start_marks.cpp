#include "server/core/start_marks.hpp"

#include <algorithm>

namespace baton::core {

void StartMarks::add(std::uint64_t epoch, Offset end) {
    marks_.push_back({epoch, end});
    if (marks_.size() > marks_max) {
        marks_.erase(marks_.begin());
    }
}

bool StartMarks::may_hold(std::uint64_t epoch, Offset offset) const {
    if (marks_.size() == marks_max && epoch < marks_.front().epoch) {
        return false;
    }
    return std::none_of(marks_.begin(), marks_.end(),
                        [&](const StartMark& mark) { return epoch < mark.epoch && offset >= mark.end; });
}

}  // namespace baton::core
