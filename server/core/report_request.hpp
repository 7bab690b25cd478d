#pragma once
// Requests of the holder of a job about the job itself, and of anybody who reads its log. Plain values.

#include "server/core/entry_run.hpp"
#include "server/core/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton::core {

/// Answered by Done.
struct SetProgress {
    Token token;
    Offset offset = 0;
    std::string value;
};
/// The oldest lines go when there are too many. Answered by LogBounds.
struct AppendLog {
    Token token;
    Offset offset = 0;
    std::vector<std::string> lines;
};
/// Forgets all but the newest lines. Answered by LogBounds.
struct ClearLog {
    Token token;
    Offset offset = 0;
    std::uint64_t keep = 0;
};
/// Replaces the message for whatever comes after this delivery. Answered by Done.
struct SetData {
    Token token;
    Offset offset = 0;
    /// Exactly one.
    EntryRun entry;
};
/// Answered by LogPage.
struct ListLog {
    std::string queue;
    Offset offset = 0;
    /// Where to begin; absent = at the oldest line, or the newest.
    std::optional<std::uint64_t> from_line;
    bool newest_first = false;
    std::uint32_t limit = 100;
    std::string id = {};
};

/// How many lines a log has now, and the number of the next one.
struct LogBounds {
    std::uint64_t lines = 0;
    std::uint64_t next_line = 1;
};
struct LogPage {
    struct Line {
        std::uint64_t number = 0;
        TimeMs at = 0;
        std::string text;
    };
    std::vector<Line> lines;
    /// Of the whole log.
    std::uint64_t total = 0;
    /// Where to go on; 0 = that was all.
    std::uint64_t next = 0;
};

}  // namespace baton::core
