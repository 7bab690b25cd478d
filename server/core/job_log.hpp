#pragma once
// The log of one job as memory knows it while its holder appends: which lines are kept and how large they are, never
// their text. Decides what goes when there are too many.

#include "server/core/ids.hpp"
#include "server/core/job_report.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace baton::core {

class JobLog {
public:
    JobLog() = default;
    /// As it was read.
    explicit JobLog(const ReportRead& read);

    std::uint64_t first_line() const { return first_; }
    std::uint64_t next_line() const { return next_; }
    std::uint64_t lines() const { return next_ - first_; }
    /// Takes note of lines that follow.
    void append(const std::vector<std::string>& lines);
    /// Drops the oldest beyond these bounds. Returns the parts that have no line left, by their first line.
    std::vector<std::uint64_t> drop_beyond(std::uint64_t lines_max, std::uint64_t bytes_max);

private:
    struct Part {
        std::uint64_t first_line = 0;
        std::uint64_t end_line = 0;
    };
    std::uint64_t first_ = 1, next_ = 1, bytes_ = 0;
    /// Bytes of the lines [first_, next_).
    std::deque<std::uint32_t> sizes_;
    std::deque<Part> parts_;
};

}  // namespace baton::core
