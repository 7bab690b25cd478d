#include "server/core/job_log.hpp"

#include <algorithm>

namespace baton::core {

JobLog::JobLog(const ReportRead& read) : first_(read.first_line), next_(read.first_line) {
    for (const LogPart& part : read.parts) {
        parts_.push_back({part.first_line, part.first_line + part.lines.size()});
        for (std::size_t i = 0; i < part.lines.size(); ++i) {
            if (part.first_line + i >= first_) {
                sizes_.push_back(static_cast<std::uint32_t>(part.lines[i].size()));
                bytes_ += part.lines[i].size();
            }
        }
        next_ = std::max(next_, parts_.back().end_line);
    }
    next_ = std::max(next_, read.next_line);
    first_ = next_ - sizes_.size();
}

void JobLog::append(const std::vector<std::string>& lines) {
    parts_.push_back({next_, next_ + lines.size()});
    for (const std::string& line : lines) {
        sizes_.push_back(static_cast<std::uint32_t>(line.size()));
        bytes_ += line.size();
    }
    next_ += lines.size();
}

std::vector<std::uint64_t> JobLog::drop_beyond(std::uint64_t lines_max, std::uint64_t bytes_max) {
    while (lines() > lines_max || bytes_ > bytes_max) {
        bytes_ -= sizes_.front();
        sizes_.pop_front();
        ++first_;
    }
    std::vector<std::uint64_t> empty;
    while (!parts_.empty() && parts_.front().end_line <= first_) {
        empty.push_back(parts_.front().first_line);
        parts_.pop_front();
    }
    return empty;
}

}  // namespace baton::core
