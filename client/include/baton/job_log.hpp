#pragma once
// The log of a job: lines that its holders appended, the newest 1,000 and 64 KiB of them, kept while the job is stored.
// Plain values.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

/// Where a log stands after a change.
struct LogBounds {
    /// How many lines are kept.
    std::uint64_t lines = 0;
    /// The number of the next line; the first line of a job has the number 1.
    std::uint64_t next_line = 1;
};

struct LogLine {
    std::uint64_t number = 0;
    /// When it was appended, milliseconds since 1970.
    std::int64_t at_ms = 0;
    std::string text;
};

struct LogOptions {
    /// From LogPage::next; absent = from the oldest line, or the newest.
    std::optional<std::uint64_t> from_line;
    bool newest_first = false;
    /// 0 = 100; at most 1,000.
    std::uint32_t limit = 0;
};

struct LogPage {
    std::vector<LogLine> lines;
    /// Of the whole log.
    std::uint64_t total = 0;
    /// Absent on the last page.
    std::optional<std::uint64_t> next;
};

}  // namespace baton
