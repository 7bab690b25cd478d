#pragma once
// Where a queue ended when the daemon was started. With durability os a crash may take back what was stored and
// delivered already, and the next start gives the same offsets to other messages; a token from before must not settle
// those.

#include "server/core/ids.hpp"

#include <cstdint>
#include <vector>

namespace baton::core {

struct StartMark {
    std::uint64_t epoch = 0;
    /// What has this offset or a later one was stored in that epoch or after it.
    Offset end = 0;

    bool operator==(const StartMark&) const = default;
};

/// Oldest first. Bounded: a token older than the oldest mark of a full list is taken for a stranger's.
class StartMarks {
public:
    static constexpr std::size_t marks_max = 8;

    void add(std::uint64_t epoch, Offset end);
    void restore(std::vector<StartMark> marks) { marks_ = std::move(marks); }
    const std::vector<StartMark>& marks() const { return marks_; }
    /// Whether a message with this offset was stored when, or before, tokens of that epoch were given out.
    bool may_hold(std::uint64_t epoch, Offset offset) const;

private:
    std::vector<StartMark> marks_;
};

}  // namespace baton::core
